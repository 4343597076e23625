using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Quitanda.Accounts.Addresses;
using Quitanda.Accounts.Passwords;
using Quitanda.Accounts.Profiles;
using Quitanda.Accounts.Sessions;
using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>Takes in people who had accounts elsewhere: a statement for all of them, and the unique indexes decide.</summary>
internal sealed partial class UserIntake(Db db, IOptions<AccountSettings> settings, TimeProvider clock) : IAccountsIntake
{
    private const int OldestYears = 130;

    public async Task<IReadOnlyList<Arrival>> Take(IReadOnlyList<IncomingUser> users, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var rows = users.Select(user => Row.Of(user, settings.Value.Locale, now)).ToList();
        await Meet(rows, ct);

        var wanted = rows.Where(row => row.Arrival is { MayCome: true, IsJoined: false }).ToList();
        if (wanted.Count > 0)
            await Insert(wanted, ct);
        return [.. rows.Select(row => row.Arrival)];
    }

    public Task<IReadOnlyList<Arrival>> TakeAddresses(IReadOnlyList<IncomingAddress> addresses, CancellationToken ct) => AddressIntake.Take(db, addresses, clock.GetUtcNow(), ct);

    /// <summary>Who of them is here, and who comes twice. What is found is for a good message and for joining; whether a row can come, the indexes say.</summary>
    private async Task Meet(List<Row> rows, CancellationToken ct)
    {
        string[] emails = [.. rows.Select(row => row.Email).OfType<string>()], usernames = [.. rows.Select(row => row.Username).OfType<string>()];
        var known = await db.Read(
            $"""
            select id, lower(email collate "C"), email_verified, username from accounts.users where lower(email collate "C") = any({emails})
            union all select id, null, false, username from accounts.users where username = any({usernames})
            """,
            row => (Id: row.GetGuid(0), Email: row.IsDBNull(1) ? null : row.GetString(1), IsProved: row.GetBoolean(2), Username: row.IsDBNull(3) ? null : row.GetString(3)), ct);
        var byEmail = known.Where(user => user.Email is not null).ToDictionary(user => user.Email!, user => (user.Id, user.IsProved), StringComparer.Ordinal);
        var taken = known.Select(user => user.Username).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var seen = new Dictionary<string, Guid>(StringComparer.Ordinal);
        foreach (var row in rows.Where(row => row.Arrival.MayCome))
        {
            if (!seen.TryAdd(row.Email!, row.Id))
                row.Arrival.Refuse("email_repeated", "Another account came first with the same address, but for its case.", seen[row.Email!]);
            else if (byEmail.TryGetValue(row.Email!, out var here) && here.IsProved)
                row.Arrival.Join(here.Id, "account_joined", "The address has a proved account here already; it stays as it is.");
            else if (byEmail.ContainsKey(row.Email!))
                row.Arrival.Refuse("email_taken", "The address has an account here that is not proved to be the same person's.", here.Id);
            else if (row.Username is { } username && !taken.Add(username))
            {
                row.Username = null;
                row.Arrival.Note("username_taken", "username: somebody here has it; it was left out.");
            }
        }
    }

    private async Task Insert(List<Row> rows, CancellationToken ct)
    {
        var inserted = (await db.Read(
            $"""
            insert into accounts.users (
                id, email, name, username, phone, first_name, last_name, locale, roles, is_active, email_verified, metadata, password_hash, version, created_at, updated_at)
            select id, email, name, username, phone, "firstName", "lastName", locale, roles, "isActive", "emailVerified", metadata, "passwordHash", 1, "createdAt", "updatedAt"
            from jsonb_to_recordset({Sql.Json(rows)}) as row (
                id uuid, email text, name text, username text, phone text, "firstName" text, "lastName" text, locale text, roles integer, "isActive" boolean, "emailVerified" boolean,
                metadata jsonb, "passwordHash" text, "createdAt" timestamptz, "updatedAt" timestamptz)
            on conflict do nothing
            returning id
            """, row => row.GetGuid(0), ct)).ToHashSet();
        foreach (var row in rows.Where(row => !inserted.Contains(row.Id)))
            row.Arrival.Refuse("taken_meanwhile", "Somebody signed up with the same address or username in this moment; it comes with the next run if it can.");

        var told = rows.Where(row => inserted.Contains(row.Id) && ((row.Bio ?? row.Website ?? row.Location) is not null || row.DateOfBirth is not null)).ToList();
        if (told.Count > 0)
            await db.Execute(
                $"""
                insert into accounts.profiles (user_id, bio, website, location, date_of_birth)
                select id, bio, website, location, "dateOfBirth"
                from jsonb_to_recordset({Sql.Json(told)}) as row (id uuid, bio text, website text, location text, "dateOfBirth" date)
                on conflict (user_id) do nothing
                """, ct);
    }

    /// <summary>A user as the table takes it.</summary>
    private sealed class Row
    {
        [JsonIgnore]
        public Arrival Arrival { get; init; } = null!;
        public required Guid Id { get; init; }
        public required string? Email { get; init; }
        public required string? Name { get; init; }
        public required string? Username { get; set; }
        public string? Phone { get; init; }
        public string? FirstName { get; init; }
        public string? LastName { get; init; }
        public required string Locale { get; init; }
        public required int Roles { get; init; }
        public required bool IsActive { get; init; }
        public required bool EmailVerified { get; init; }
        public required IReadOnlyDictionary<string, string> Metadata { get; init; }
        public string? PasswordHash { get; init; }
        public required DateTimeOffset CreatedAt { get; init; }
        public required DateTimeOffset UpdatedAt { get; init; }
        public string? Bio { get; init; }
        public string? Website { get; init; }
        public string? Location { get; init; }
        public DateOnly? DateOfBirth { get; init; }

        public static Row Of(IncomingUser user, string locale, DateTimeOffset now)
        {
            var arrival = new Arrival(user.Id);
            var email = user.Email is { } given ? User.Normalize(given) : null;
            if (email is null || email.Length is < 6 or > 254 || !Email().IsMatch(email))
                arrival.Refuse("email_invalid", "The e-mail address is none that a letter could reach.");
            var (first, last) = (arrival.Line(user.FirstName, 100, "firstName"), arrival.Line(user.LastName, 100, "lastName"));
            var created = user.CreatedAt ?? now;
            return new()
            {
                Arrival = arrival,
                Id = user.Id,
                Email = email,
                Name = arrival.Line(user.Name, 200, "name") ?? (string.Join(' ', new[] { first, last }.OfType<string>()) is { Length: > 0 } both ? both : email?.Split('@')[0]),
                FirstName = first,
                LastName = last,
                Username = Kept(arrival, "username", user.Username?.Trim().ToLowerInvariant(), text => Username().IsMatch(text)),
                Phone = Kept(arrival, "phone", user.Phone is { } phone ? Separators().Replace(phone, "") : null, text => Phone().IsMatch(text)),
                Locale = locale,
                Roles = (int)(user.Roles | Platform.Roles.Customer),
                IsActive = user.IsActive,
                EmailVerified = user.EmailVerified,
                Metadata = user.Metadata,
                PasswordHash = Password(arrival, user.PasswordHash?.Trim()),
                CreatedAt = created,
                UpdatedAt = user.UpdatedAt is { } updated && updated > created ? updated : created,
                Bio = arrival.Words(user.Bio, Profile.LongestBio, "bio"),
                Website = Kept(arrival, "website", user.Website?.Trim(), text => text.Length <= Profile.LongestWebsite && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"),
                Location = arrival.Line(user.Location, Profile.LongestLocation, "location"),
                DateOfBirth = user.DateOfBirth is { } birth && (birth > now.UtcDay().AddDays(1) || birth < now.UtcDay().AddYears(-OldestYears))
                    ? Kept<DateOnly?>(arrival, "dateOfBirth", null) : user.DateOfBirth,
            };
        }

        /// <summary>A password that can be checked here; one that cannot is left out, and its owner has a new one sent.</summary>
        private static string? Password(Arrival arrival, string? hash)
        {
            if (string.IsNullOrEmpty(hash))
            {
                arrival.Note("no_password", "There is no password; its owner sets one by \"forgot password\".");
                return null;
            }

            if (Bcrypt.IsHash(hash) && Bcrypt.IsTried(hash))
                return hash;
            arrival.Note("password_left_out", "The password is no bcrypt hash that can be checked here; its owner sets a new one by \"forgot password\".");
            return null;
        }

        private static string? Kept(Arrival arrival, string field, string? text, Func<string, bool> isRight) =>
            string.IsNullOrEmpty(text) ? null : isRight(text) ? text : Kept<string?>(arrival, field, null);

        private static T Kept<T>(Arrival arrival, string field, T otherwise)
        {
            arrival.Note("left_out", $"{field}: not as it must be; it was left out.");
            return otherwise;
        }
    }

    [GeneratedRegex(User.EmailPattern, RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Email();

    [GeneratedRegex(User.UsernamePattern, RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Username();

    [GeneratedRegex(User.PhonePattern, RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Phone();

    [GeneratedRegex(@"[\s().\-]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Separators();
}
