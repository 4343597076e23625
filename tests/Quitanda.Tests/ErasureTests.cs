using System.Collections;
using System.Net;
using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Users;
using Quitanda.Platform;
using Quitanda.Platform.AuditLog;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests;

/// <summary>What is personal in the audit log is sealed with its person's key, and is gone with it.</summary>
public sealed class ErasureTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_personal_is_readable_in_the_database()
    {
        var things = await Things.Make(app);
        var user = await Somebody();
        await (await things.Admin.Send(HttpMethod.Post, $"/api/v1/users/{user.Id}/deactivate", json: null, ("User-Agent", "Navegador Raríssimo"))).Body();
        var order = things.PathOf("/api/v1/orders/{}")!.Value.Path;
        await (await things.Admin.Post(order + "/cancel", new { reason = "Cliente mudou de endereço" })).Body();
        var rows = string.Join('\n', await app.WithDb(db => db.Read($"select l::text from platform.audit_log l", row => row.GetString(0), Ct)));

        foreach (var secret in (string[])["Navegador", "Cliente mudou", user.Email!])
            Assert.DoesNotContain(secret, rows, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("$sealed", rows, StringComparison.Ordinal);
        // The admin who asks reads all of it.
        Assert.Equal("Navegador Raríssimo", (await Log(things.Admin, $"person={user.Id}"))[0].GetProperty("origin").Text("userAgent"));
    }

    [Fact]
    public async Task Whoever_is_erased_is_gone_from_the_log_and_what_happened_is_not()
    {
        var admins = await app.Insert(Roles.Admin);
        var admin = app.As(admins);
        var email = People.NewEmail();
        var signedUp = (await app.Register(email)).GetProperty("user").Id();
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await (await app.SignIn(email, "errada")).Refusal(HttpStatusCode.Unauthorized);
        var other = People.NewEmail();
        var stays = (await app.Register(other)).GetProperty("user").Id();
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await (await app.SignIn(other, "errada")).Refusal(HttpStatusCode.Unauthorized);

        await Erase(signedUp);
        await Erase(signedUp);

        var rows = await Log(admin, $"person={signedUp}");
        Assert.Equal(["SignInFailed", "UserRegistered"], rows.Select(row => row.Text("action")), StringComparer.Ordinal);
        Assert.Equal("[erased]", rows[0].GetProperty("details").Text("email"));
        Assert.DoesNotContain(email, string.Join('\n', rows.Select(row => row.GetRawText())), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(other, (await Log(admin, $"person={stays}"))[0].GetProperty("details").Text("email"));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.person_keys where person_id = {signedUp} and wrapped is not null"));

        // What is learnt of them later is not kept either, and no new key is made.
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await (await app.SignIn(email, "errada")).Refusal(HttpStatusCode.Unauthorized);
        Assert.Equal("[erased]", (await Log(admin, $"person={signedUp}"))[0].GetProperty("details").Text("email"));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.person_keys where person_id = {signedUp} and wrapped is not null"));
    }

    [Fact]
    public async Task The_changes_of_an_account_and_of_its_order_go_with_its_person_and_the_staffs_address_with_the_staff()
    {
        var things = await Things.Make(app);
        var person = things.Owner.Id;
        await (await things.Client.Send(HttpMethod.Patch, "/api/v1/users/me", """{"firstName":"Anastácia"}""")).Body();
        await (await things.Admin.Send(HttpMethod.Post, things.PathOf("/api/v1/orders/{}")!.Value.Path + "/cancel", """{"reason":"Ligou e desistiu"}""", ("User-Agent", "Balcão"))).Body();

        var before = (await Log(things.Admin, $"person={person}&action=CancelOrder"))[0];
        Assert.Equal(("Ligou e desistiu", "Balcão"), (before.GetProperty("after").Text("cancelReason"), before.GetProperty("origin").Text("userAgent")));
        Assert.Equal("Ligou e desistiu", before.GetProperty("after").GetProperty("timeline").EnumerateArray().Last().Text("reason"));
        await Erase(person);

        var after = (await Log(things.Admin, $"person={person}&action=CancelOrder"))[0];
        Assert.Equal(("cancelled", "[erased]", "Balcão"), (after.GetProperty("after").Text("status"), after.GetProperty("after").Text("cancelReason"), after.GetProperty("origin").Text("userAgent")));
        Assert.Equal("[erased]", after.GetProperty("after").GetProperty("timeline").EnumerateArray().Last().Text("reason"));
        await Erase(things.AdminUser.Id);
        Assert.Equal("[erased]", (await Log(things.Admin, $"person={person}&action=CancelOrder"))[0].GetProperty("origin").Text("userAgent"));
    }

    [Fact]
    public async Task A_clients_own_words_that_look_sealed_are_shown_as_they_are()
    {
        var things = await Things.Make(app);
        var product = things.PathOf("/api/v1/products/{}")!.Value.Path;
        var forged = new Dictionary<string, string>(StringComparer.Ordinal) { ["$sealed"] = "not.a.seal" };
        await (await things.Admin.Send(HttpMethod.Patch, product, JsonSerializer.Serialize(new { metadata = forged }))).Body();
        Assert.Equal("not.a.seal", (await Log(things.Admin, $"resource=products/{product[^36..]}&action=ChangeProduct"))[0].GetProperty("after").GetProperty("metadata").Text("$sealed"));

        // A seal that was carried elsewhere does not open.
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await Note(things.Owner.Id, "carta");
        var moved = await app.Scalar<string>($"select details -> 'word' ->> '$sealed' from platform.audit_log where person_id = {things.Owner.Id} and action = 'Noted'") ?? "";
        await (await things.Admin.Send(HttpMethod.Patch, product, JsonSerializer.Serialize(new { metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["$sealed"] = moved } }))).Body();
        var shown = (await Log(things.Admin, $"resource=products/{product[^36..]}&action=ChangeProduct"))[0].GetProperty("after").GetProperty("metadata");
        Assert.Equal(moved, shown.Text("$sealed"));
    }

    [Fact]
    public async Task Two_who_make_a_persons_key_at_once_have_one()
    {
        var user = await app.Insert();
        var keys = app.Services.GetRequiredService<PersonKeys>();
        Task<Dictionary<Guid, byte[]?>>? second = null;
        var first = await app.WithDb(async db =>
        {
            var made = await keys.FindOrMake(db, [user.Id], Ct);
            second = app.WithDb(other => keys.FindOrMake(other, [user.Id], Ct));
            await app.UntilOneWaits();
            return made;
        });

        Assert.Equal(first[user.Id], (await second!)[user.Id]);
        Assert.Equal(1, await app.Scalar<long>($"select count(*) from platform.person_keys where person_id = {user.Id}"));
    }

    [Fact]
    public async Task An_erasure_that_is_undone_erases_nothing()
    {
        var user = await Somebody();
        await Note(user.Id, "antes");
        await Assert.ThrowsAsync<InvalidOperationException>(() => app.WithDb<bool>(async db =>
        {
            db.Erase(user.Id);
            await db.Flush(Ct);
            throw new InvalidOperationException("as in a crash");
        }));
        Assert.Equal("antes", (await Log(app.As(await app.Insert(Roles.Admin)), $"person={user.Id}"))[0].GetProperty("details").Text("word"));
    }

    [Fact]
    public async Task A_secret_that_is_replaced_can_go_when_the_keys_have_moved()
    {
        var user = await Somebody();
        await Note(user.Id, "palavra");
        const string Old = "only-for-tests-and-made-of-words-that-say-so", New = "another-one-for-tests-made-of-words-that-say-so";
        var both = new PersonKeys(Secrets.From(new SecretSettings { TokenSigning = Old, DataProtection = $"{New} {Old}" }), app.Clock);
        var alone = new PersonKeys(Secrets.From(new SecretSettings { TokenSigning = Old, DataProtection = New }), app.Clock);

        await Assert.ThrowsAsync<CryptographicException>(() => app.WithDb(db => alone.Find(db, [user.Id], Ct)));
        var key = (await app.WithDb(db => both.Find(db, [user.Id], Ct)))[user.Id];
        Assert.True(await app.WithDb(db => both.Rewrap(db, 10_000, Ct)) > 0);
        Assert.Equal(0, await app.WithDb(db => both.Rewrap(db, 10_000, Ct)));
        Assert.Equal(key, (await app.WithDb(db => alone.Find(db, [user.Id], Ct)))[user.Id]);

        // And back, so that this application can read them again.
        var back = new PersonKeys(Secrets.From(new SecretSettings { TokenSigning = Old, DataProtection = $"{Old} {New}" }), app.Clock);
        await app.WithDb(db => back.Rewrap(db, 10_000, Ct));
        Assert.Equal("palavra", (await Log(app.As(await app.Insert(Roles.Admin)), $"person={user.Id}"))[0].GetProperty("details").Text("word"));
    }

    [Fact]
    public void Everything_with_text_in_it_that_is_somebodys_says_whether_it_is_personal()
    {
        var read = Things.Routes(app).Where(route => route.Method == "GET").Select(route => (route.Pattern, Body: Signature.BodyOf(route.Endpoint.Metadata.GetMetadata<MethodInfo>()), route.Endpoint))
            .Where(route => route.Body is not null && Signature.IsSingle(route.Endpoint.Metadata.GetMetadata<MethodInfo>())).ToList();
        var theirs = read.Where(route => IsSomebodys(route.Pattern, route.Body!)
            // What is below somebody's is somebody's: a refund below a payment.
            || read.Exists(above => route.Pattern.StartsWith(above.Pattern + "/", StringComparison.Ordinal) && IsSomebodys(above.Pattern, above.Body!))).ToList();

        Assert.True(theirs.Count >= 6);
        Assert.Empty(theirs.SelectMany(route => Unsaid(route.Body!)));
        // What one reads without an office and is not everyone's must say whose it is.
        Assert.Empty(read.Where(route => route.Endpoint.Metadata.GetMetadata<Microsoft.AspNetCore.Authorization.IAllowAnonymous>() is null
            && route.Endpoint.Metadata.GetMetadata<RolesRequirement>() is null && !theirs.Contains(route)).Select(route => $"{route.Pattern} says not whose it is"));
    }

    [Fact]
    public void Text_that_does_not_say_is_found()
    {
        Assert.Equal(["Unmarked.Words", "Inner.Name", "Unmarked.Pairs", "Unmarked.On"], Unsaid(typeof(Unmarked)), StringComparer.Ordinal);
        Assert.False(IsSomebodys("/api/v1/unmarked/{}", typeof(Unmarked)));
        Assert.True(IsSomebodys("/api/v1/users/me/unmarked", typeof(Unmarked)));
    }

    private static bool IsSomebodys(string pattern, Type body) =>
        pattern.StartsWith("/api/v1/users/me", StringComparison.Ordinal) || Personal.MembersOf(body).Any(member => member.Attributes.OfType<PersonAttribute>().Any());

    private static IEnumerable<string> Unsaid(Type type)
    {
        foreach (var member in Personal.MembersOf(type))
        {
            if (member.IsPersonal || member.Attributes.OfType<ImpersonalAttribute>().Any())
                continue;
            var held = Nullable.GetUnderlyingType(member.Type) ?? member.Type;
            // Money is ours to know.
            if (member.Record is { } record)
            {
                foreach (var inside in record == typeof(Money) || record == typeof(SignedMoney) ? [] : Unsaid(record))
                    yield return inside;
            }
            else if (held == typeof(string) || held == typeof(DateOnly) || (held.IsAssignableTo(typeof(IEnumerable)) && held.GetElementType()?.IsEnum != true))
                yield return $"{type.Name}.{member.Name[..1].ToUpperInvariant()}{member.Name[1..]}";
        }
    }

    private async Task<User> Somebody()
    {
        var user = new User { Email = People.NewEmail(), Name = "Zulmira", Roles = Roles.Customer, CreatedAt = app.Clock.GetUtcNow() };
        await app.WithDb(db => Task.FromResult(db.Add(user)));
        return user;
    }

    private Task<bool> Erase(Guid person) => app.WithDb(db =>
    {
        db.Erase(person);
        return Task.FromResult(true);
    });

    private Task<bool> Note(Guid person, string word) => app.WithDb(db =>
    {
        db.Audit(new AuditEvent("Noted") { PersonId = person, PersonalFacts = new Dictionary<string, string>(StringComparer.Ordinal) { ["word"] = word } });
        return Task.FromResult(true);
    });

    private static async Task<List<JsonElement>> Log(HttpClient admin, string filter) =>
        [.. (await (await admin.Get($"/api/v1/audit-log?{filter}")).Body()).GetProperty("data").EnumerateArray()];

    internal sealed record Unmarked(Guid Id, string Words, [Personal] string Name, [Impersonal] string Kind, Inner[] Inners, IReadOnlyDictionary<string, string> Pairs, DateOnly On, Money Price, Roles[] Roles);

    internal sealed record Inner(int Number, string Name);
}
