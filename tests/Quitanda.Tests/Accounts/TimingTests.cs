using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quitanda.Accounts.Passwords;

namespace Quitanda.Tests.Accounts;

/// <summary>How long an answer takes does not say whether an address has an account. Tries alternate, so that whatever else the machine does meets both alike.</summary>
public sealed class TimingTests(TimingTests.App app) : IClassFixture<TimingTests.App>
{
    private const int Tries = 200;

    [Fact]
    public Task A_sign_in_takes_as_long_for_an_address_without_an_account() =>
        Compare(email => app.SignIn(email, "not the password"), HttpStatusCode.Unauthorized);

    [Fact]
    public Task Asking_for_a_new_password_takes_as_long_for_an_address_without_an_account() =>
        Compare(email => app.Guest.Post("/api/v1/auth/forgot-password", new { email }), HttpStatusCode.Accepted);

    [Fact]
    public Task Asking_for_the_letter_again_takes_as_long_for_an_address_without_an_account() =>
        Compare(email => app.Guest.Post("/api/v1/auth/verify-email/resend", new { email }), HttpStatusCode.Accepted);

    private async Task Compare(Func<string, Task<HttpResponseMessage>> ask, HttpStatusCode expected)
    {
        var known = (await app.Insert()).Email!;
        // A real hash, as whoever signs up has one.
        var hash = await app.Scalar<string>($"select password_hash from accounts.users where id = {(await app.Register()).GetProperty("user").Id()}");
        await app.Execute($"update accounts.users set password_hash = {hash} where email = {known}");
        var unknown = People.NewEmail();
        var (with, without) = (new List<double>(), new List<double>());
        for (var i = -10; i < Tries; i++)
        {
            var (email, times) = i % 2 == 0 ? (known, with) : (unknown, without);
            var begun = Stopwatch.GetTimestamp();
            var answer = await ask(email);
            var took = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            Assert.Equal(expected, answer.StatusCode);
            if (i >= 0)
                times.Add(took);
            // No lock, whose answer is quicker for either.
            if (expected == HttpStatusCode.Unauthorized)
                await app.Execute($"delete from accounts.sign_in_failures");
        }

        var (of, ofNone) = (Median(with), Median(without));
        TestContext.Current.TestOutputHelper?.WriteLine($"{of:f2} ms with an account, {ofNone:f2} ms without");
        Assert.True(Math.Max(of, ofNone) < 1.6 * Math.Min(of, ofNone) + 1, $"{of:f2} ms with an account, {ofNone:f2} ms without");
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    public sealed class App(TestPostgres postgres) : LettersApp(postgres)
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration["Accounts:PasswordIterations"] = "100000";
            builder.Services.Replace(ServiceDescriptor.Singleton<PasswordHashing, PasswordHashing>());
            builder.Configuration["Accounts:LettersPerAccount"] = "0";
        }
    }
}
