using System.Net;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Platform.Mails;

public sealed class SmtpTests(SmtpApp app) : IClassFixture<SmtpApp>, IAsyncLifetime
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        (app.Sink.OnRecipient, app.Sink.OnMail, app.Sink.IsMute) = (_ => null, _ => Task.FromResult<string?>("250 taken"), false);
        app.Sink.Taken.Clear();
        app.Sink.Seen.Clear();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_mail_goes_out_as_text_and_as_a_page_and_says_in_every_header_what_was_meant()
    {
        var title = "Promoção de pão de queijo às 7, com açúcar & café " + string.Concat(Enumerable.Repeat("ção ", 60));
        var id = await app.Send(new Addressee("ana@exemplo.test", "Ana \"Nina\" Conceição, a 2ª"), new Sample(title, Secret: ".começa com ponto\n.\nfim " + new string('x', 3000), Price: new(123450, "BRL")));
        await app.RunJobs();
        var mail = Assert.Single(app.Sink.Taken);

        Assert.Equal(("loja@exemplo.test", "ana@exemplo.test"), (mail.From, mail.To));
        Assert.Equal($"{title} da Quitanda"[..200].TrimEnd(), mail.ReadHeader("Subject"));
        Assert.Contains("Conceição, a 2ª", mail.ReadHeader("To"), StringComparison.Ordinal);
        Assert.EndsWith("<ana@exemplo.test>", mail.Header("To"), StringComparison.Ordinal);
        Assert.Contains("pão", mail.ReadHeader("From"), StringComparison.Ordinal);
        Assert.EndsWith("<loja@exemplo.test>", mail.Header("From"), StringComparison.Ordinal);
        Assert.Equal("respostas@exemplo.test", mail.Header("Reply-To"));
        Assert.Equal($"<{id:N}@exemplo.test>", mail.Header("Message-ID"));
        Assert.Equal("auto-generated", mail.Header("Auto-Submitted"));
        Assert.StartsWith("multipart/alternative", mail.Header("Content-Type"), StringComparison.Ordinal);
        // RFC 5322, 2.1.1; and nothing that a server without 8BITMIME would break.
        Assert.DoesNotContain(mail.Raw.Split("\r\n"), line => line.Length > 998 || line.Any(letter => letter is > '~' or '\n' or '\r'));

        Assert.Equal(["text/plain; charset=utf-8", "text/html; charset=utf-8"], mail.Parts.Select(part => part.Type), StringComparer.Ordinal);
        Assert.Contains($"Segredo .começa com ponto\r\n.\r\nfim {new string('x', 3000)}.", mail.Parts[0].Text.ReplaceLineEndings("\r\n"), StringComparison.Ordinal);
        Assert.Contains("R$\u00A01.234,50", mail.Parts[0].Text, StringComparison.Ordinal);
        Assert.Contains("<html lang=\"pt-BR\">", mail.Parts[1].Text, StringComparison.Ordinal);
        Assert.Contains("açúcar &amp; café", mail.Parts[1].Text, StringComparison.Ordinal);
        Assert.Null((await app.JobOf(id)).Payload);
    }

    [Fact]
    public async Task A_mail_whose_answer_was_lost_comes_again_under_the_same_id_and_then_no_more()
    {
        var lost = 0;
        app.Sink.OnMail = _ => Task.FromResult(Interlocked.Increment(ref lost) == 1 ? null : "250 taken");
        var id = await app.Send(new Addressee("dobro@exemplo.test", "Dobro"), new Sample("Duas vezes"));
        await app.RunJobs();
        Assert.Equal("ready", (await app.JobOf(id)).State);
        for (var i = 0; i < 3; i++)
            await app.Later();
        Assert.Equal([$"<{id:N}@exemplo.test>", $"<{id:N}@exemplo.test>"], app.Sink.Taken.Select(mail => mail.Header("Message-ID")), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("550 5.1.1 <fim@exemplo.test>: no such user", "dead")]
    [InlineData("553 5.1.3 bad address fim@exemplo.test", "dead")]
    [InlineData("553 5.7.1 <fim@exemplo.test>: not owned by you", "ready")]
    [InlineData("550 relay not permitted", "ready")]
    [InlineData("450 4.2.0 <fim@exemplo.test>: greylisted", "ready")]
    [InlineData("452 4.2.2 mailbox full", "ready")]
    public async Task What_is_refused_for_good_is_dead_at_once_and_what_is_refused_for_now_comes_again(string answer, string state)
    {
        app.Sink.OnRecipient = _ => answer;
        var id = await app.Send(new Addressee("fim@exemplo.test", "Fim"), new Sample("Oi"));
        await app.RunJobs();
        var job = await app.JobOf(id);
        Assert.Equal((state, 1), (job.State, job.Attempts));
        Assert.Contains(answer[..3], job.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("fim@", job.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(app.Log.Lines, line => line.Contains("fim@exemplo", StringComparison.Ordinal));

        app.Sink.OnRecipient = _ => null;
        await app.Later();
        Assert.Equal(state == "dead" ? 0 : 1, app.Sink.Taken.Count);
    }

    [Fact]
    public async Task A_mail_that_the_server_refuses_when_it_has_read_it_is_dead_and_one_it_cannot_store_is_not()
    {
        app.Sink.OnMail = _ => Task.FromResult<string?>("554 5.7.1 looks like spam");
        var spam = await app.Send(new Addressee("spam@exemplo.test", "Spam"), new Sample("Oi"));
        await app.RunJobs();
        Assert.Equal("dead", (await app.JobOf(spam)).State);
        app.Sink.OnMail = _ => Task.FromResult<string?>("451 4.3.0 later");
        var later = await app.Send(new Addressee("depois@exemplo.test", "Depois"), new Sample("Oi"));
        await app.RunJobs();
        Assert.Equal("ready", (await app.JobOf(later)).State);
        await app.Execute($"delete from platform.jobs where payload->>'id' = {later.ToString()}");
    }

    [Fact]
    public async Task A_wrong_password_is_the_operators_to_mend_and_never_shows()
    {
        var id = await app.Send(new Addressee("chave@exemplo.test", "Chave"), new Sample("Oi"));
        await using (var other = await app.StartAnother(builder =>
        {
            app.Mailing(builder);
            builder.Configuration["Mail:SmtpUser"] = "somebody-else";
        }))
            await other.Services.GetRequiredService<JobRunner>().RunDue(_ct);
        Assert.Equal("ready", (await app.JobOf(id)).State);
        Assert.DoesNotContain(SmtpApp.Password, (await app.JobOf(id)).Error, StringComparison.Ordinal);
        Assert.Empty(app.Sink.Taken);

        await app.Execute($"update platform.jobs set run_at = {app.Clock.GetUtcNow()} where payload->>'id' = {id.ToString()}");
        await app.RunJobs();
        Assert.Single(app.Sink.Taken);
        Assert.Contains((SmtpSink.User, SmtpApp.Password, false), app.Sink.SignIns);
        Assert.DoesNotContain(app.Log.Lines, line => line.Contains(SmtpApp.Password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_offers_no_encryption_gets_neither_the_password_nor_the_mail()
    {
        app.Sink.SignIns.Clear();
        var id = await app.Send(new Addressee("claro@exemplo.test", "Claro"), new Sample("Oi"));
        await using (var other = await app.StartAnother(builder =>
        {
            app.Mailing(builder);
            builder.Configuration["Mail:SmtpStartTls"] = "true";
        }))
            await other.Services.GetRequiredService<JobRunner>().RunDue(_ct);
        Assert.Equal("ready", (await app.JobOf(id)).State);
        Assert.Empty(app.Sink.SignIns);
        Assert.Empty(app.Sink.Seen);
        await app.Execute($"delete from platform.jobs where payload->>'id' = {id.ToString()}");
    }

    [Fact]
    public async Task A_mail_server_that_is_away_costs_nobody_anything_and_the_mail_goes_out_when_it_is_back()
    {
        app.Sink.IsMute = true;
        var email = People.NewEmail();
        await app.Register(email);
        await app.RunJobs();
        Assert.Empty(app.Sink.Seen);
        app.Sink.IsMute = false;
        await app.Later();
        Assert.Equal(email, Assert.Single(app.Sink.Taken).To);
    }

    [Fact]
    public async Task A_slow_mail_server_holds_no_connection_to_the_database()
    {
        var goOn = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        app.Sink.OnMail = _ => goOn.Task;
        // As many mails on their way as the process runs jobs, and fewer connections than that.
        await using var narrow = await app.StartAnother(builder =>
        {
            app.Mailing(builder);
            builder.Configuration["Database:PoolSize"] = "2";
            builder.Configuration["Database:ConnectTimeoutSeconds"] = "4";
            builder.Configuration["Mail:TimeoutSeconds"] = "20";
            builder.Configuration["Jobs:Runners"] = "4";
        });
        for (var i = 0; i < 4; i++)
            await app.Send(new Addressee($"lento{i}@exemplo.test", "Lento"), new Sample("Oi"));
        var sending = narrow.Services.GetRequiredService<JobRunner>().RunDue(_ct);
        // The other side of a socket is waited for, as one waits for another process.
        await Eventually.Happens(() => app.Sink.Seen.Count >= 4);
        Assert.Equal(4, app.Sink.Seen.Count);

        using var client = narrow.GetTestClient();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => client.GetAsync($"/api/v1/products?limit={i + 1}", _ct)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.False(sending.IsCompleted);
        goOn.SetResult("250 taken");
        await sending;
        Assert.Equal(4, app.Sink.Taken.Select(mail => mail.To).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task A_server_that_never_answers_the_last_word_is_given_up_on_in_time()
    {
        app.Sink.OnMail = _ => new TaskCompletionSource<string?>().Task;
        var id = await app.Send(new Addressee("mudo@exemplo.test", "Mudo"), new Sample("Oi"));
        await app.RunJobs().WaitAsync(Eventually.Patience, _ct);
        var job = await app.JobOf(id);
        Assert.Equal("ready", job.State);
        Assert.Contains("within 2 s", job.Error, StringComparison.Ordinal);
        await app.Execute($"delete from platform.jobs where payload->>'id' = {id.ToString()}");
    }
}
