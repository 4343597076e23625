using Quitanda.Platform.AuditLog;

namespace Quitanda.Platform;

/// <summary>Something that the audit log is to know of, beside the writes by role that it hears of anyway.</summary>
/// <param name="Action">What happened, stable, in PascalCase: <c>SignInFailed</c>. Clients filter by it: never rename one.</param>
public sealed record AuditEvent(string Action)
{
    /// <summary>Whom it is about: their key seals the personal values. Without one it is the actor's.</summary>
    public Guid? PersonId { get; init; }

    /// <summary>Who did it, where the request has no caller yet, as at sign-in.</summary>
    public Guid? ActorId { get; init; }

    /// <summary>The collection of what it happened to: <c>orders</c>.</summary>
    public string? ResourceType { get; init; }

    /// <summary>Which of them.</summary>
    public string? ResourceId { get; init; }

    /// <summary>What else is to be known, and says nothing about anybody. Kept readable for ever.</summary>
    public IReadOnlyDictionary<string, string>? Facts { get; init; }

    /// <summary>What else is to be known, and is about somebody. Gone when they are erased.</summary>
    public IReadOnlyDictionary<string, string>? PersonalFacts { get; init; }

    internal Snapshot? Before { get; init; }

    internal Snapshot? After { get; init; }
}

/// <summary>The member of a representation that says whose it is: a user's id.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class PersonAttribute : Attribute;

/// <summary>A member of a representation that holds what is personal: a name, an address, somebody's own words. The audit log keeps it sealed with that person's key.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class PersonalAttribute : Attribute;

/// <summary>A member of somebody's representation whose text says nothing about them: a product's name, a provider's. A test asks for one of the two wherever there is text.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class ImpersonalAttribute : Attribute;
