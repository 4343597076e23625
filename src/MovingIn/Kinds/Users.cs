using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts;
using Quitanda.MovingIn.Sources;
using Quitanda.Platform;

namespace Quitanda.MovingIn.Kinds;

/// <summary>People with their passwords and profiles.</summary>
internal sealed class Users : Kind<IncomingUser>
{
    public const string KindName = "users";

    public override string Name => KindName;

    public override bool AreApart => true;

    public override Layout Layout { get; } = new(
        ["users", "accounts", "customers", "app_users"],
        [
            new("id", "id", "user_id", "uuid"),
            new("email", "email", "email_address", "mail"),
            new("name", "name", "full_name", "display_name", "nome", "profile.name", "profile.full_name", "profile.display_name"),
            new("username", "username", "user_name", "login", "handle", "nickname"),
            new("firstName", "first_name", "given_name", "profile.first_name"),
            new("lastName", "last_name", "family_name", "surname", "profile.last_name"),
            new("phone", "phone", "phone_number", "telephone", "mobile", "telefone", "celular", "profile.phone", "profile.phone_number"),
            new("password", "password_hash", "hashed_password", "encrypted_password", "password_digest", "password", "senha", "senha_hash"),
            new("roles", "roles", "role", "user_role", "user_type", "account_type", "type", "role.name"),
            new("isAdmin", "is_admin", "admin"),
            new("isActive", "is_active", "active", "enabled", "status"),
            new("isVerified", "email_verified", "is_email_verified", "email_verified_at", "is_verified", "verified", "verified_at", "email_confirmed"),
            new("bio", "bio", "about", "profile.bio", "profile.about"),
            new("website", "website", "profile.website", "profile.url"),
            new("location", "location", "profile.location"),
            new("birth", "birth_date", "date_of_birth", "birthday", "birthdate", "profile.birth_date", "profile.date_of_birth", "profile.birthday", "profile.birthdate"),
            new("createdAt", "created_at", "created", "criado_em"),
            new("updatedAt", "updated_at", "updated", "modified_at"),
            new("deletedAt", "deleted_at", "is_deleted"),
        ],
        new Side("profile", ["profiles", "user_profiles"], (["user_id", "user"], ["id", "user_id"])),
        new Side("role", ["roles"], (["id"], ["role_id"])));

    protected override IncomingUser? Map(SourceRow row, string oldId, Reading reading)
    {
        if (row.Flag("deletedAt") == true)
        {
            row.Says.Refuse("deleted", "It was deleted there.");
            return null;
        }

        var created = row.Past("createdAt");
        return new(
            reading.IdOf(KindName, oldId, created), row.Text("email"), row.Text("name"), row.Text("username"), row.Text("phone"), row.Text("firstName"), row.Text("lastName"), RolesOf(row, reading),
            row.Stands("isActive", otherwise: true), row.Stands("isVerified", otherwise: false), row.Text("password"), row.Text("bio"), row.Text("website"), row.Text("location"), Birth(row), reading.Metadata(oldId, row.Says), created, row.Past("updatedAt"));
    }

    protected override Task<IReadOnlyList<Arrival>> Take(IServiceProvider services, IncomingUser[] incoming, CancellationToken ct) => services.GetRequiredService<IAccountsIntake>().Take(incoming, ct);

    private static DateOnly? Birth(SourceRow row)
    {
        var day = row.Day("birth");
        if (day is null && row.Text("birth") is not null)
            row.Says.Note("left_out", "birth: no day; it was left out.");
        return day;
    }

    private static Roles RolesOf(SourceRow row, Reading reading)
    {
        var roles = Roles.Customer;
        foreach (var word in row.Several("roles").Append(row.Flag("isAdmin") == true ? "admin" : "").Select(word => word.Trim().Trim('{', '}', '"').Replace('-', '_').Replace(' ', '_').ToLowerInvariant()))
            switch (word)
            {
                case "" or "user" or "customer" or "consumer" or "client" or "cliente" or "member" or "buyer" or "renter" or "author" or "reader" or "subscriber" or "role_user":
                    break;
                case "owner" or "host" or "vendor" or "seller" or "provider" or "locador":
                    roles |= Roles.Owner;
                    break;
                case "staff" or "employee" or "kitchen" or "attendant" or "manager" or "funcionario" or "operator":
                    roles |= Roles.Staff;
                    break;
                case "moderator" or "editor" or "mod":
                    roles |= Roles.Moderator;
                    break;
                case "admin" or "administrator" or "superadmin" or "super_admin" or "root" or "role_admin" when reading.WithAdmins:
                    roles |= Roles.Admin;
                    break;
                case "admin" or "administrator" or "superadmin" or "super_admin" or "root" or "role_admin":
                    row.Says.Note("admin_left_out", "It was an admin's and comes as a customer's: make it an admin here, or import with --with-admins.");
                    break;
                default:
                    row.Says.Note("role_unknown", "A role that is not known here was left out.");
                    break;
            }

        return roles;
    }
}
