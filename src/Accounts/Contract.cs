using System.ComponentModel.DataAnnotations;
using Quitanda.Platform;

namespace Quitanda.Accounts;

/// <summary>What other modules may ask of accounts. Every call joins the caller's unit of work.</summary>
public interface IAccounts
{
    /// <summary>One of the user's own addresses, or null where the user has no such one.</summary>
    Task<PostalAddress?> FindAddress(Guid userId, Guid addressId, CancellationToken ct);

    /// <summary>Whether there is such a user. What is written of one who is erased in the same moment goes when what came late is erased.</summary>
    Task<bool> IsThere(Guid userId, CancellationToken ct);

    /// <summary>The user's e-mail address, proved or not; null where there is none.</summary>
    Task<string?> FindEmail(Guid userId, CancellationToken ct);

    /// <summary>How a user is told something; null where there is no such user, or they may not sign in any more.</summary>
    Task<Reach?> FindReach(Guid userId, CancellationToken ct);

    /// <summary>
    /// What users are called where anyone can read it: <c>Ana S.</c>. Who is gone, or has no name to show, is left out. An answer that is kept and shows one carries its
    /// <see cref="PublicName.Tag"/>.
    /// </summary>
    Task<IReadOnlyDictionary<Guid, string>> PublicNames(IReadOnlyCollection<Guid> userIds, CancellationToken ct);

    /// <summary>Who users are and where they are reached, for admins who have to pay them. Who is gone is left out.</summary>
    Task<IReadOnlyDictionary<Guid, Payee>> Payees(IReadOnlyCollection<Guid> userIds, CancellationToken ct);

    /// <summary>The admins who may sign in, the first made first: twenty at the most, for letters about the installation.</summary>
    Task<IReadOnlyList<Guid>> Admins(CancellationToken ct);
}

/// <summary>How somebody is told something.</summary>
/// <param name="Name">What the user calls itself.</param>
/// <param name="Locale">A tag of BCP 47.</param>
/// <param name="Phone">In the form of E.164, as they gave it; null where they gave none.</param>
public sealed record Reach(string Name, string Locale, string? Phone)
{
    /// <summary>Nothing of the person, so that none gets into a log by accident.</summary>
    public override string ToString() => nameof(Reach);
}

/// <summary>Somebody who is to be paid.</summary>
/// <param name="Name">First and last name where they are known, else what the user calls itself.</param>
/// <param name="Email">The e-mail address, proved or not; null where there is none.</param>
public sealed record Payee(string Name, string? Email)
{
    /// <summary>Nothing of the person, so that none gets into a log by accident.</summary>
    public override string ToString() => nameof(Payee);
}

/// <summary>
/// Knows of something that an account must stay for though its address was never proved: an order, a booking, another way to sign in. Whoever holds such a thing
/// registers one; all are asked before an account is removed for want of proof.
/// </summary>
[EvenWhenOff]
public interface IKeepsAccounts
{
    /// <summary>Whether the user has such a thing. Asked in the transaction that would remove the account.</summary>
    Task<bool> Keeps(Db db, Guid userId, CancellationToken ct);
}

/// <summary>
/// Takes over for an account what somebody left as a guest before they signed in, such as a cart. Whoever keeps such a thing registers one; all are asked wherever a session begins, in its transaction.
/// </summary>
public interface IJoinsGuests
{
    /// <summary>Queues the statements that do it. Asked again, also at the same time and by another process, they change nothing more.</summary>
    void Join(Db db, Guid guestId, Guid userId);
}

/// <summary>Where something is brought to.</summary>
/// <param name="Street">Without the number.</param>
/// <param name="Number">As text: <c>12-A</c>, <c>s/n</c>.</param>
/// <param name="Complement">Flat, block, what to ring.</param>
/// <param name="Neighborhood">Bairro.</param>
/// <param name="City">City.</param>
/// <param name="State">State or region, as the post writes it.</param>
/// <param name="PostalCode">As the post writes it.</param>
/// <param name="Country">ISO 3166-1, two capital letters.</param>
/// <param name="Lat">Where it is on the globe, in degrees (WGS 84), as the client says; null where it does not.</param>
/// <param name="Lng">There with <paramref name="Lat"/>, or not at all.</param>
public sealed record PostalAddress(
    [StringLength(200, MinimumLength = 1)] string Street,
    [StringLength(20, MinimumLength = 1)] string Number,
    [StringLength(200)] string? Complement,
    [StringLength(100, MinimumLength = 1)] string Neighborhood,
    [StringLength(100, MinimumLength = 1)] string City,
    [StringLength(100, MinimumLength = 1)] string State,
    [StringLength(20, MinimumLength = 1)] string PostalCode,
    [RegularExpression("^[A-Z]{2}$")] string Country,
    [Range(-90.0, 90.0)] double? Lat = null,
    [Range(-180.0, 180.0)] double? Lng = null);

/// <summary>Somebody signed up. How they are called and reached is asked for: what is personal does not wait in the queue.</summary>
public sealed record UserRegistered(Guid UserId);

/// <summary>Takes people in from another system, many at once. Every call joins the caller's transaction.</summary>
public interface IAccountsIntake
{
    /// <summary>
    /// Makes accounts with the passwords they had, as bcrypt hashes. An address that has a proved account here already joins that one, which stays as it is; one whose account is not
    /// proved is refused, since anybody could have made it. Nobody is written to, and nobody has to prove their address.
    /// </summary>
    /// <returns>What became of each, in their order.</returns>
    Task<IReadOnlyList<Arrival>> Take(IReadOnlyList<IncomingUser> users, CancellationToken ct);

    /// <summary>Saves addresses of users that are here, 20 at the most for each.</summary>
    /// <returns>What became of each, in their order.</returns>
    Task<IReadOnlyList<Arrival>> TakeAddresses(IReadOnlyList<IncomingAddress> addresses, CancellationToken ct);
}

/// <summary>Somebody who had an account elsewhere. What is not as it must be is left out and noted, but for the address, without which nobody comes.</summary>
/// <param name="Id">What the account is to be called here.</param>
/// <param name="Email">In any case.</param>
/// <param name="Name">What they call themselves; made of first and last name, or of the address, where it is null.</param>
/// <param name="Username">In any case.</param>
/// <param name="Phone">With its country, in any spelling.</param>
/// <param name="FirstName">First name.</param>
/// <param name="LastName">Last name.</param>
/// <param name="Roles">What they may do; customers they are anyway.</param>
/// <param name="IsActive">Whether they may sign in.</param>
/// <param name="EmailVerified">Whether they had proved their address.</param>
/// <param name="PasswordHash">Bcrypt's, with a cost of 14 at the most.</param>
/// <param name="Bio">In their own words.</param>
/// <param name="Website">An absolute address.</param>
/// <param name="Location">Where they say they live.</param>
/// <param name="DateOfBirth">A calendar day.</param>
/// <param name="Metadata">What is kept with the account.</param>
/// <param name="CreatedAt">When they signed up; now where it is null.</param>
/// <param name="UpdatedAt">When that was changed last.</param>
public sealed record IncomingUser(
    Guid Id, string? Email, string? Name, string? Username, string? Phone, string? FirstName, string? LastName, Roles Roles, bool IsActive, bool EmailVerified, string? PasswordHash,
    string? Bio, string? Website, string? Location, DateOnly? DateOfBirth, IReadOnlyDictionary<string, string> Metadata, DateTimeOffset? CreatedAt, DateTimeOffset? UpdatedAt)
{
    /// <summary>Nothing of the person, so that none gets into a log by accident.</summary>
    public override string ToString() => nameof(IncomingUser);
}

/// <summary>An address that somebody had saved elsewhere.</summary>
/// <param name="Id">What it is to be called here.</param>
/// <param name="UserId">Whose it is, here.</param>
/// <param name="Label">What its owner calls it.</param>
/// <param name="Address">Where it is; what is longer than it may be is cut.</param>
/// <param name="IsDefault">Whether it is their default. The first becomes it where there is none.</param>
/// <param name="CreatedAt">When it was saved; now where it is null.</param>
public sealed record IncomingAddress(Guid Id, Guid UserId, string? Label, PostalAddress Address, bool IsDefault, DateTimeOffset? CreatedAt)
{
    /// <summary>Nothing of the person, so that none gets into a log by accident.</summary>
    public override string ToString() => nameof(IncomingAddress);
}
