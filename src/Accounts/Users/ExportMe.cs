using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>Gives the caller everything that is held about them, and says of each kind what would stay if they were erased.</summary>
internal static class ExportMe
{
    public static PersonalExport.File Handle(Caller caller, PersonalExport export) => export.Of(caller.Id);
}
