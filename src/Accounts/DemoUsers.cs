using System.Security.Cryptography;
using Quitanda.Accounts.Passwords;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Accounts;

/// <summary>The people of the demo, one for each role, with passwords made for this installation alone.</summary>
internal sealed class DemoUsers(PasswordHashing passwords, TimeProvider clock) : IDemo
{
    private const int PasswordLength = 24;

    // Without what is easily misread, since people type these from a screen.
    private const string PasswordCharacters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    private static readonly (Role Role, string Name)[] People =
    [
        (Role.Customer, "Ana Beatriz Carvalho"),
        (Role.Owner, "João Pedro Nogueira"),
        (Role.Staff, "Marlene Aparecida Souza"),
        (Role.Moderator, "Tiago Albuquerque"),
        (Role.Admin, "Conceição Ramos"),
    ];

    public async Task<bool> IsEmpty(Db db, CancellationToken ct) => !await db.ReadFirst($"select 1 from accounts.users limit 1", _ => true, ct);

    public async Task Fill(Db db, DemoPeople people, CancellationToken ct)
    {
        // Inside the transaction, against the rule for requests: an empty house has nobody else who could want the connection.
        var made = await Task.WhenAll(People.Select(async person =>
        {
            var password = RandomNumberGenerator.GetString(PasswordCharacters, PasswordLength);
            var email = $"{person.Role.Name()}@vaicoxinha.example";
            var user = new User
            {
                Email = email,
                Name = person.Name,
                Roles = Roles.Customer | Account.Flag(person.Role),
                PasswordHash = await passwords.Hash(password, ct),
                CreatedAt = clock.GetUtcNow(),
            };
            return (person.Role, User: user, Email: email, Password: password);
        }));

        foreach (var (role, user, email, password) in made)
        {
            db.Add(user);
            people.ByRole.Add(role.Name(), new(user.Id, email, password));
        }
    }
}
