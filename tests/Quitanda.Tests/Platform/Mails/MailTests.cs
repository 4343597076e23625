using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;
using Quitanda.Platform.Mails;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Platform.Mails;

public sealed class MailTests(MailboxApp app) : IClassFixture<MailboxApp>
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_signs_up_is_welcomed_once()
    {
        var email = People.NewEmail();
        await app.Register(email);
        await app.RunJobs();
        var mail = await app.MailTo(email);
        Assert.Equal(("accounts.welcome", "pt-BR", "Ana Souza"), (mail.Text("template"), mail.Text("locale"), mail.Text("toName")));
        Assert.Contains("Olá, Ana Souza!", mail.Text("text"), StringComparison.Ordinal);
        Assert.Contains(email, mail.Text("html"), StringComparison.Ordinal);

        Assert.Equal("email_taken", await (await app.Guest.Post("/api/v1/auth/register", new { name = "Outra", email, password = People.Password })).Refusal(System.Net.HttpStatusCode.Conflict));
        await app.Later();
        Assert.Single(await app.Mailbox(), one => one.Text("toAddress") == email);
    }

    [Theory]
    [InlineData("en-GB", "en", "Hello, Pessoa")]
    [InlineData("pt-PT", "pt-BR", "Olá, Pessoa")]
    [InlineData("fr", "pt-BR", "Olá, Pessoa")]
    public async Task A_mail_is_in_the_language_that_the_user_has_when_it_goes_out(string locale, string language, string greeting)
    {
        var user = await app.Insert();
        await app.Send(user.Id, new Sample("Assunto"));
        await app.Execute($"update accounts.users set locale = {locale} where id = {user.Id}");
        await app.RunJobs();
        var mail = await app.MailTo(user.Email!);
        Assert.Equal(language, mail.Text("locale"));
        Assert.Contains(greeting, mail.Text("text"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_written_of_what_was_rolled_back()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => app.InScope<bool>(async scope =>
        {
            scope.GetRequiredService<IMail>().Send(new Addressee("ninguem@exemplo.test", "Ninguém"), new Sample("Nunca"));
            await scope.GetRequiredService<Db>().Flush(_ct);
            throw new InvalidOperationException("Undone.");
        }));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.jobs where kind = {SendMail.Kind} and state = 'ready'"));
    }

    [Fact]
    public async Task What_waits_in_the_queue_tells_nobody_anything()
    {
        var id = await app.Send(new Addressee("segredo@exemplo.test", "Conceição Ramos"), new Sample("Troca de senha", Secret: "token-4711"));
        var payload = (await app.JobOf(id)).Payload;
        foreach (var word in (string[])["segredo", "exemplo", "Concei", "Ramos", "Troca", "token", "4711"])
            Assert.DoesNotContain(word, payload, StringComparison.OrdinalIgnoreCase);
        await app.RunJobs();
        Assert.Contains("token-4711", (await app.MailTo("segredo@exemplo.test")).Text("text"), StringComparison.Ordinal);
        Assert.Null((await app.JobOf(id)).Payload);
        foreach (var word in (string[])["segredo@", "Conceição", "token-4711"])
            Assert.DoesNotContain(app.Log.Lines, line => line.Contains(word, StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_sealed_opens_only_for_its_own_mail_and_with_a_live_secret()
    {
        static Secrets Of(string live) => Secrets.From(new() { TokenSigning = new string('t', 32), DataProtection = live });
        var (old, young) = (new string('a', 32), new string('b', 32));
        var id = Guid.CreateVersion7();
        var closed = Seal.Close(Of(old), id, new(null, JsonSerializer.SerializeToElement("dentro")));
        Assert.Equal("dentro", Seal.Open(Of($"{young} {old}"), id, closed).Letter.GetString());
        Assert.ThrowsAny<CryptographicException>(() => Seal.Open(Of(young), id, closed));
        Assert.ThrowsAny<CryptographicException>(() => Seal.Open(Of(old), Guid.CreateVersion7(), closed));
    }

    [Fact]
    public async Task What_came_too_late_or_has_nobody_to_go_to_is_not_sent()
    {
        var late = await app.Send(new Addressee("tarde@exemplo.test", "Tarde"), new Sample("Tarde demais"), app.Clock.GetUtcNow().AddMinutes(30));
        var user = await app.Insert();
        var lost = await app.Send(user.Id, new Sample("Adeus"));
        await app.Execute($"delete from accounts.users where id = {user.Id}");
        await app.Later();
        Assert.DoesNotContain(await app.Mailbox(), mail => mail.Text("toAddress") == "tarde@exemplo.test" || mail.Text("toAddress") == user.Email);
        Assert.Null((await app.JobOf(late)).Payload);
        Assert.Null((await app.JobOf(lost)).Payload);
    }

    [Fact]
    public async Task What_people_say_is_text_and_never_markup()
    {
        const string hostile = "<script>alert(1)</script>\"'><img src=x onerror=y> {secret} [a](b)";
        await app.Send(new Addressee("hostil@exemplo.test", "Ana <b>\"Zé\"</b>"), new Sample(hostile, Lines: [new(1, "| <i>x</i> |")], Link: new Uri("https://loja.test/?a=1&b=\"2\"")));
        await app.RunJobs();
        var mail = await app.MailTo("hostil@exemplo.test");
        var html = mail.Text("html");
        foreach (var markup in (string[])["<script", "<img", "<b>", "<i>"])
            Assert.DoesNotContain(markup, html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;", html, StringComparison.Ordinal);
        Assert.Contains("href=\"https://loja.test/?a=1&amp;b=%222%22\"", html, StringComparison.Ordinal);
        Assert.Contains(hostile, mail.Text("text"), StringComparison.Ordinal);

        var page = await (await app.Guest.Send(HttpMethod.Get, "/dev/mail")).Text();
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", await (await app.Guest.Send(HttpMethod.Get, $"/dev/mail/{mail.Id()}")).Text(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_line_break_in_a_header_or_a_button_that_runs_something_is_refused_for_good()
    {
        foreach (var letter in (Sample[])[new("Oi\r\nBcc: todos@exemplo.test"), new("Oi", Link: new Uri("javascript:alert(1)")), new("Oi", Link: new Uri("/somewhere", UriKind.Relative))])
        {
            var id = await app.Send(new Addressee("quebra@exemplo.test", "Quebra"), letter);
            await app.RunJobs();
            Assert.Equal(("dead", 1), ((await app.JobOf(id)).State, (await app.JobOf(id)).Attempts));
        }

        Assert.DoesNotContain(await app.Mailbox(), mail => mail.Text("toAddress") == "quebra@exemplo.test");
        await Assert.ThrowsAsync<ArgumentException>(() => app.Send(new Addressee("ana@exemplo.test", "Ana\r\nBcc: x@exemplo.test"), new Sample("Oi")));
        foreach (var address in (string[])["", "ana", "ana@", "ana@exemplo.test\r\nBcc: x@exemplo.test", "ana@exemplo.test\n", "a b@exemplo.test", "ana@exemplo..test", "<ana@exemplo.test>", "ana@exemplo.test, x@exemplo.test", "aná@exemplo.test"])
            await Assert.ThrowsAsync<ArgumentException>(() => app.Send(new Addressee(address, "Ana"), new Sample("Oi")));
    }

    [Fact]
    public async Task The_mailbox_keeps_the_newest()
    {
        for (var i = 0; i < MailboxApp.Size + 3; i++)
        {
            await app.Send(new Addressee($"n{i}@exemplo.test", "N"), new Sample($"Assunto {i}"));
            await app.RunJobs();
        }

        Assert.Equal(["n7@exemplo.test", "n6@exemplo.test", "n5@exemplo.test", "n4@exemplo.test", "n3@exemplo.test"], (await app.Mailbox()).Select(mail => mail.Text("toAddress")), StringComparer.Ordinal);
    }

    [Fact]
    public async Task The_mailbox_is_a_page_and_what_is_in_it_cannot_run()
    {
        await app.Send(new Addressee("pagina@exemplo.test", "Página"), new Sample("Para ler"));
        await app.RunJobs();
        var mail = await app.MailTo("pagina@exemplo.test");

        var list = await app.Guest.Send(HttpMethod.Get, "/dev/mail");
        Assert.Equal("text/html; charset=utf-8", list.Content.Headers.ContentType?.ToString());
        Assert.Contains($"href=\"/dev/mail/{mail.Id()}\"", await list.Text(), StringComparison.Ordinal);
        var page = await app.Guest.Send(HttpMethod.Get, $"/dev/mail/{mail.Id()}");
        Assert.Contains($"<iframe sandbox title=\"The mail as a page\" src=\"/dev/mail/{mail.Id()}/html\"></iframe>", await page.Text(), StringComparison.Ordinal);
        var framed = await app.Guest.Send(HttpMethod.Get, $"/dev/mail/{mail.Id()}/html");
        Assert.StartsWith("<!DOCTYPE html>", await framed.Text(), StringComparison.Ordinal);

        foreach (var answer in (HttpResponseMessage[])[list, page, framed])
        {
            var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
            Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("script-src", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        }

        Assert.EndsWith("; sandbox", Assert.Single(framed.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Equal(mail.Id(), (await (await app.Guest.Send(HttpMethod.Get, $"/dev/mail/{mail.Id()}.json")).Json()).Id());
        foreach (var path in (string[])["", "/html", ".json"])
            Assert.Equal(System.Net.HttpStatusCode.NotFound, (await app.Guest.Send(HttpMethod.Get, $"/dev/mail/{Guid.CreateVersion7()}{path}")).StatusCode);
        Assert.DoesNotContain("/dev/mail", await (await app.Guest.Send(HttpMethod.Get, "/openapi/v1.json")).Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_mail_is_configured_none_is_queued_and_nobody_sees_a_mailbox()
    {
        await using var off = await app.StartAnother(builder => builder.Configuration["Mail:Transport"] = "auto");
        var before = await app.Scalar<long>($"select count(*) from platform.jobs");
        await off.Services.GetRequiredService<Executor>().Run(scope =>
        {
            scope.GetRequiredService<IMail>().Send(new Addressee("ana@exemplo.test", "Ana"), new Sample("Oi"));
            return Task.CompletedTask;
        }, _ct);
        Assert.Equal(before, await app.Scalar<long>($"select count(*) from platform.jobs"));
        using var client = off.GetTestClient();
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await client.GetAsync("/dev/mail", _ct)).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await client.GetAsync("/dev/mail.json", _ct)).StatusCode);
    }

    [Fact]
    public async Task A_mail_that_could_not_be_sent_is_forgotten_in_time()
    {
        var id = await app.Send(new Addressee("morto@exemplo.test", "Morto"), new Sample("Oi\nBcc: x@exemplo.test"));
        await app.RunJobs();
        Assert.Equal("dead", (await app.JobOf(id)).State);
        await Forget(days: 13);
        Assert.Equal("dead", (await app.JobOf(id)).State);
        await Forget(days: 2);
        Assert.Null((await app.JobOf(id)).Payload);

        async Task Forget(int days)
        {
            app.Clock.Advance(TimeSpan.FromDays(days));
            await app.InScope(async scope =>
            {
                await scope.GetRequiredService<ForgetDeadMails>().Handle(new Tick(app.Clock.GetUtcNow()), _ct);
                return true;
            });
        }
    }
}
