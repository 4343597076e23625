using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.SecondFactors;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Tests.Accounts.Wallets;

/// <summary>People who sign in with a wallet, and sign with one of ethers.</summary>
public sealed class WalletSignInTests(WalletApp app, WalletLibrary library) : IClassFixture<WalletApp>, IClassFixture<WalletLibrary>
{
    private const int AtOnce = 100;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wallet_that_nobody_has_gets_an_account_and_signs_in_to_it_again()
    {
        var wallet = await library.New();
        var (id, client, answer) = await app.Enter(wallet);

        var user = answer.GetProperty("user");
        Assert.Equal((JsonValueKind.Null, false, true), (user.GetProperty("email").ValueKind, user.GetProperty("emailVerified").GetBoolean(), user.GetProperty("isActive").GetBoolean()));
        Assert.Equal($"{wallet.Address[..6]}…{wallet.Address[^4..]}", user.Text("name"));
        Assert.Equal("customer", Assert.Single(user.GetProperty("roles").EnumerateArray()).GetString());
        Assert.Equal(id, (await (await client.Get("/api/v1/users/me")).Body()).Id());
        await (await app.Guest.Post("/api/v1/auth/refresh", new { refreshToken = answer.Text("refreshToken") })).Body();

        app.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(id, (await app.Enter(wallet)).Id);
        Assert.NotEqual(id, (await app.Enter(await library.New())).Id);
        Assert.Equal(app.Clock.GetUtcNow(), await app.Scalar<DateTimeOffset>($"select last_used_at from accounts.wallets where user_id = {id}"));
        var log = (await (await app.As(await app.Insert(Roles.Admin)).Get($"/api/v1/audit-log?person={id}")).Body()).GetProperty("data").EnumerateArray().ToList();
        Assert.Equal(["SignedIn", "SignedIn", "UserRegistered", "WalletLinked"], log.Select(row => row.Text("action")).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.All(log.Where(row => row.Text("action") == "SignedIn"), row => Assert.Equal("wallet", row.GetProperty("details").Text("way")));
    }

    [Fact]
    public async Task The_message_is_one_that_any_wallet_knows()
    {
        var wallet = await library.New();
        foreach (var (chain, said) in new (long?, long)[] { (null, 1), (1, 1), (137, 137) })
        {
            var message = await app.MessageFor(wallet, chain);
            var lines = message.Split('\n');
            Assert.Equal(
                [
                    $"{WalletApp.Domain} wants you to sign in with your Ethereum account:", wallet.Address, "", "Sign in with this wallet. It costs nothing and sends no transaction.", "",
                    $"URI: {WalletApp.Page}", "Version: 1", $"Chain ID: {said}", lines[8], $"Issued At: {app.Clock.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff}Z",
                    $"Expiration Time: {app.Clock.GetUtcNow().AddMinutes(5):yyyy-MM-dd'T'HH:mm:ss.fff}Z",
                ], lines, StringComparer.Ordinal);
            Assert.Matches("^Nonce: [A-Za-z0-9]{22}$", lines[8]);

            var read = (await library.Ask(new { ask = "read", messages = new[] { message } })).GetProperty("read")[0];
            Assert.Equal((WalletApp.Domain, wallet.Address, said), (read.Text("domain"), read.Text("address"), read.GetProperty("chainId").GetInt64()));
            // Nothing of it is readable where it is kept.
            Assert.Equal(0, await app.Scalar<long>($"select count(*) from accounts.wallet_nonces n where position({lines[8][7..]} in n::text) > 0"));
        }
    }

    [Fact]
    public async Task An_address_is_taken_in_any_case_that_its_checksum_allows()
    {
        var wallet = await library.New();
        foreach (var address in (string[])[wallet.Address, wallet.Address.ToLowerInvariant(), "0x" + wallet.Address[2..].ToUpperInvariant()])
            Assert.Equal(wallet.Address, (await (await app.Guest.Post(WalletApp.Nonce, new { address })).Body()).Text("message").Split('\n')[1]);

        const string Mistyped = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD";
        Assert.Equal("invalid_address", await (await app.Guest.Post(WalletApp.Nonce, new { address = Mistyped })).Refusal(HttpStatusCode.UnprocessableEntity));
        foreach (var address in (string[])["", "0x", wallet.Address[2..], wallet.Address + "0", wallet.Address[..^1] + "g", "0X" + wallet.Address[2..], wallet.Address + "\n"])
            Assert.Equal("validation_failed", await (await app.Guest.Post(WalletApp.Nonce, new { address })).Refusal(HttpStatusCode.BadRequest));
        foreach (var chainId in (long[])[2, 5, 9_007_199_254_740_991])
            Assert.Equal("unsupported_chain", await (await app.Guest.Post(WalletApp.Nonce, new { address = wallet.Address, chainId })).Refusal(HttpStatusCode.UnprocessableEntity));
        foreach (var chainId in (long[])[0, -1, long.MaxValue])
            Assert.Equal("validation_failed", await (await app.Guest.Post(WalletApp.Nonce, new { address = wallet.Address, chainId })).Refusal(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task Of_a_hundred_at_once_with_one_message_one_signs_in()
    {
        foreach (var isKnown in (bool[])[false, true])
        {
            var wallet = await library.New();
            if (isKnown)
                await app.Enter(wallet);
            var message = await app.MessageFor(wallet);
            var signature = await wallet.Sign(message);

            var answers = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => app.Send(message, signature)));

            Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
            Assert.All(answers.Where(answer => answer.StatusCode != HttpStatusCode.OK), answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode));
            Assert.Equal(isKnown ? 2 : 1, await app.Scalar<long>($"select count(*) from accounts.sessions s join accounts.wallets w using (user_id) where w.address = {Bytes(wallet)}"));
        }
    }

    [Fact]
    public async Task Who_comes_while_another_is_let_in_with_the_same_message_waits_and_is_not()
    {
        const int Some = 5;
        var wallet = await library.New();
        var (id, _, _) = await app.Enter(wallet);
        var message = await app.MessageFor(wallet);
        var signature = await wallet.Sign(message);
        Task<HttpResponseMessage>[] sent = [];
        await app.InScope(async provider =>
        {
            await provider.GetRequiredService<Db>().Execute($"select 1 from accounts.users where id = {id} for update", Ct);
            // Whoever has the message waits for the account, which is held here; all others wait for the message.
            sent = [.. Enumerable.Range(0, Some).Select(_ => app.Send(message, signature))];
            await Eventually.Happens(async () => await app.Scalar<long>($"select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") == Some, "That all wait");
            return true;
        });

        Assert.Single(await Task.WhenAll(sent), answer => answer.StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Of_many_at_once_with_a_new_wallet_all_sign_in_to_one_account()
    {
        const int Messages = 20;
        var wallet = await library.New();
        var people = await app.Scalar<long>($"select count(*) from accounts.users");
        var signed = new List<(string Message, string Signature)>();
        for (var i = 0; i < Messages; i++)
        {
            var message = await app.MessageFor(wallet);
            signed.Add((message, await wallet.Sign(message)));
        }

        var answers = await Task.WhenAll(signed.Select(async one => await (await app.Send(one.Message, one.Signature)).Body()));

        Assert.Single(answers.Select(answer => answer.GetProperty("user").Id()).Distinct());
        Assert.Equal(people + 1, await app.Scalar<long>($"select count(*) from accounts.users"));
        Assert.Equal(1, await app.Scalar<long>($"select count(*) from accounts.wallets where address = {Bytes(wallet)}"));
        var log = (await (await app.As(await app.Insert(Roles.Admin)).Get($"/api/v1/audit-log?person={answers[0].GetProperty("user").Id()}&action=UserRegistered")).Body()).GetProperty("data");
        Assert.Equal(1, log.GetArrayLength());
    }

    [Fact]
    public async Task Whoever_has_a_second_factor_is_asked_for_it_and_sends_the_same_message_again()
    {
        var wallet = await library.New();
        var (_, client, _) = await app.Enter(wallet);
        var begun = await (await client.Post("/api/v1/auth/totp")).Body();
        var secret = Base32(begun.Text("secret"));
        await (await client.Post("/api/v1/auth/totp/confirm", new { code = Code() })).Body();
        app.Clock.Advance(TimeSpan.FromSeconds(90));

        var message = await app.MessageFor(wallet);
        var signature = await wallet.Sign(message);
        for (var i = 0; i < 2; i++)
            Assert.Equal("second_factor_required", await (await app.Send(message, signature)).Refusal(HttpStatusCode.Unauthorized));
        var wrong = Code() == "000000" ? "000001" : "000000";
        Assert.Equal("invalid_credentials", await (await app.Send(message, signature, wrong)).Refusal(HttpStatusCode.Unauthorized));
        var code = Code();
        await (await app.Send(message, signature, code)).Body();
        // The message is used now, and so is the code.
        Assert.Equal("invalid_credentials", await (await app.Send(message, signature, code)).Refusal(HttpStatusCode.Unauthorized));
        Assert.Equal("invalid_credentials", await (await app.SignIn(wallet, code)).Refusal(HttpStatusCode.Unauthorized));

        for (var i = 0; i < 4; i++)
            Assert.Equal("invalid_credentials", await (await app.SignIn(wallet, wrong)).Refusal(HttpStatusCode.Unauthorized));
        Assert.Equal("account_locked", await (await app.SignIn(wallet, Code())).Refusal(HttpStatusCode.Locked));
        app.Clock.Advance(TimeSpan.FromMinutes(15));
        await (await app.SignIn(wallet, Code())).Body();

        string Code() => Totp.Code(secret, Totp.StepAt(app.Clock.GetUtcNow()));
    }

    [Fact]
    public async Task A_deactivated_account_is_not_let_in_and_gets_no_other()
    {
        var wallet = await library.New();
        var (id, _, _) = await app.Enter(wallet);
        var admin = app.As(await app.Insert(Roles.Admin));
        await (await admin.Post($"/api/v1/users/{id}/deactivate")).Body();
        var people = await app.Scalar<long>($"select count(*) from accounts.users");

        Assert.Equal("invalid_credentials", await (await app.SignIn(wallet)).Refusal(HttpStatusCode.Unauthorized));
        Assert.Equal(people, await app.Scalar<long>($"select count(*) from accounts.users"));
        await (await admin.Post($"/api/v1/users/{id}/activate")).Body();
        Assert.Equal(id, (await app.Enter(wallet)).Id);
    }

    [Fact]
    public async Task A_wallet_is_told_to_its_owner_and_goes_with_them()
    {
        var wallet = await library.New();
        var (id, client, _) = await app.Enter(wallet);

        var held = Assert.Single((await (await client.Get("/api/v1/users/me/export")).Body()).GetProperty("data").GetProperty("wallets").EnumerateArray());
        Assert.Equal(wallet.Address, held.Text("address"));
        Assert.Equal(app.Clock.GetUtcNow(), held.GetProperty("lastUsedAt").GetDateTimeOffset());

        await app.MessageFor(wallet);
        await (await client.Send(HttpMethod.Delete, "/api/v1/users/me")).Body(HttpStatusCode.NoContent);
        await app.RunJobs();
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from accounts.wallets where user_id = {id}"));
        var left = await Everything();
        foreach (var part in (string[])[wallet.Address, wallet.Address[2..], $"{wallet.Address[..6]}…{wallet.Address[^4..]}"])
            Assert.DoesNotContain(part, left, StringComparison.OrdinalIgnoreCase);
        // Somebody new, to whom nothing of before belongs.
        Assert.NotEqual(id, (await app.Enter(wallet)).Id);
    }

    [Fact]
    public async Task Who_has_a_wallet_is_not_removed_for_an_address_that_was_never_proved()
    {
        var (kept, gone) = ((await app.Register()).GetProperty("user").Id(), (await app.Register()).GetProperty("user").Id());
        var wallet = await library.New();
        await app.Execute($"insert into accounts.wallets (address, user_id, created_at) values ({Bytes(wallet)}, {kept}, {app.Clock.GetUtcNow()})");
        foreach (var id in (Guid[])[kept, gone])
        {
            await app.Execute($"update accounts.users set verify_by = {app.Clock.GetUtcNow()} where id = {id}");
            await app.WithDb(db =>
            {
                db.Schedule(RemoveUser.Kind, new RemoveUser.Message(id), app.Clock.GetUtcNow());
                return Task.FromResult(true);
            });
        }

        await app.RunJobs();

        Assert.Equal([kept], await app.WithDb(db => db.Read($"select id from accounts.users where id in ({kept}, {gone})", row => row.GetGuid(0), Ct)));
        Assert.Equal(kept, (await app.Enter(wallet)).Id);
    }

    [Fact]
    public async Task Messages_whose_time_is_over_are_deleted_and_never_more_are_kept_than_there_are_slots()
    {
        var wallet = await library.New();
        var first = await app.MessageFor(wallet);
        var slot = await app.Scalar<long>($"select last_value from accounts.wallet_nonce_slots");
        await app.Scalar<long>($"select setval('accounts.wallet_nonce_slots', 99999)");
        // The one that comes after the last takes the first again.
        await app.MessageFor(wallet);
        Assert.Equal(0, await app.Scalar<long>($"select last_value from accounts.wallet_nonce_slots"));

        var kept = await app.Scalar<long>($"select count(*) from accounts.wallet_nonces");
        await app.Scalar<long>($"select setval('accounts.wallet_nonce_slots', {slot}, false)");
        var newest = await app.MessageFor(wallet);
        Assert.Equal(kept, await app.Scalar<long>($"select count(*) from accounts.wallet_nonces"));
        Assert.Equal("invalid_credentials", await (await app.Send(first, await wallet.Sign(first))).Refusal(HttpStatusCode.Unauthorized));
        await (await app.Send(newest, await wallet.Sign(newest))).Body();

        var later = await app.MessageFor(wallet);
        await app.Services.GetRequiredService<JobRunner>().EnsureTimers(Ct);
        for (var tick = 0; tick < 3; tick++)
        {
            app.Clock.Advance(TimeSpan.FromHours(1));
            await app.RunJobs();
        }

        Assert.Equal(0, await app.Scalar<long>($"select count(*) from accounts.wallet_nonces"));
        Assert.Equal("invalid_credentials", await (await app.Send(later, await wallet.Sign(later))).Refusal(HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task Whoever_asks_for_messages_or_signs_in_is_limited_over_all_processes()
    {
        (string, string)[] limits = [("Accounts:PagesUrl", WalletApp.Page), ("Accounts:WalletNoncesPerAddress", "3"), ("Accounts:WalletNonceWindowSeconds", "600"), ("Accounts:SignInsPerAddress", "3")];
        await using var one = await app.StartBeside(limits);
        await using var other = await app.StartBeside(limits);
        HttpClient[] clients = [one.GetTestClient(), other.GetTestClient()];
        // Nobody else is counted with these: the window begins with the first of them.
        app.Clock.Advance(TimeSpan.FromMinutes(10));

        foreach (var (path, body) in new (string, object)[]
        {
            (WalletApp.Nonce, new { address = (await library.New()).Address }),
            (WalletApp.Login, new { message = "no message", signature = "0x" + new string('1', 130) }),
        })
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => clients[i % 2].Post(path, body)));
            Assert.Equal(7, answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests));
            Assert.Equal("rate_limited", await (await clients[0].Post(path, body)).Refusal(HttpStatusCode.TooManyRequests));
        }
    }

    [Fact]
    public async Task Without_a_front_end_in_the_settings_only_this_machine_itself_is_a_name()
    {
        var wallet = await library.New();
        await using var bare = await app.StartBeside(("Accounts:PagesUrl", ""));
        foreach (var (host, domain) in new (string, string?)[]
        {
            ("localhost", "localhost"), ("localhost:8080", "localhost:8080"), ("loja.localhost", "loja.localhost"), ("127.0.0.1:8080", "127.0.0.1:8080"), ("[::1]:8080", "[::1]:8080"),
            ("loja.mal.test", null), ("localhost.mal.test", null), ("10.0.0.7", null), ("mal-localhost", null),
        })
        {
            using var client = bare.GetTestClient();
            client.DefaultRequestHeaders.Host = host;
            var answer = await client.Post(WalletApp.Nonce, new { address = wallet.Address });
            if (domain is null)
            {
                Assert.Equal("no_domain", await answer.Refusal(HttpStatusCode.Conflict));
                continue;
            }

            var message = (await answer.Body()).Text("message");
            Assert.StartsWith($"{domain} wants you", message, StringComparison.Ordinal);
            Assert.Contains($"\nURI: http://{domain}/\n", message, StringComparison.Ordinal);
            // A page that sends another name is not let in with it, nor is it named in the first place.
            using var elsewhere = bare.GetTestClient();
            elsewhere.DefaultRequestHeaders.Host = "loja.mal.test";
            Assert.Equal("no_domain", await (await elsewhere.Post(WalletApp.Login, new { message, signature = await wallet.Sign(message) })).Refusal(HttpStatusCode.Conflict));
            await (await client.Post(WalletApp.Login, new { message, signature = await wallet.Sign(message) })).Body();
        }
    }

    [Fact]
    public async Task Chains_can_be_none()
    {
        var wallet = await library.New();
        await using var off = await app.StartBeside(("Accounts:PagesUrl", WalletApp.Page), ("Accounts:WalletChains", ""));
        var client = off.GetTestClient();
        Assert.Equal("unsupported_chain", await (await client.Post(WalletApp.Nonce, new { address = wallet.Address })).Refusal(HttpStatusCode.UnprocessableEntity));
        // What another process gave out is for a chain that is none here.
        var message = await app.MessageFor(wallet);
        Assert.Equal("invalid_credentials", await (await client.Post(WalletApp.Login, new { message, signature = await wallet.Sign(message) })).Refusal(HttpStatusCode.Unauthorized));
    }

    private static byte[] Bytes(TestWallet wallet) => Convert.FromHexString(wallet.Address[2..]);

    private static byte[] Base32(string text)
    {
        var bits = string.Concat(text.Select(letter => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(letter, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. bits.Chunk(8).Where(eight => eight.Length == 8).Select(eight => Convert.ToByte(new string(eight), 2))];
    }

    /// <summary>Every row of every table, as text.</summary>
    private async Task<string> Everything()
    {
        var tables = await app.WithDb(db => db.Read($"select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')", row => row.GetString(0), Ct));
        var rows = await Task.WhenAll(tables.Select(table => app.WithDb(db => db.Read(Sql.Raw($"select t::text from {table} t"), row => row.GetString(0), Ct))));
        return string.Join('\n', rows.SelectMany(table => table));
    }
}
