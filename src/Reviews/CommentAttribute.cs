using System.ComponentModel.DataAnnotations;

namespace Quitanda.Reviews;

/// <summary>Holds what somebody says to its length, which is that of what is kept: without blanks around it.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class CommentAttribute : StringLengthAttribute
{
    /// <summary>Characters of a comment at the most.</summary>
    public const int Longest = 2000;

    public CommentAttribute() : base(Longest) => MinimumLength = 1;

    public override bool IsValid(object? value) => base.IsValid(Kept(value as string));

    /// <summary>A comment as it is kept.</summary>
    public static string? Kept(string? comment) => comment?.Trim();
}
