using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Tests.Accounts;

public sealed class UnverifiedTests(UnverifiedTests.App app) : IClassFixture<UnverifiedTests.App>
{
    [Fact]
    public async Task Whoever_has_not_proved_their_address_after_7_days_is_removed_and_it_can_be_signed_up_with()
    {
        var email = People.NewEmail();
        var gone = await app.Register(email);
        await Pass(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        Assert.True(await IsThere(gone));
        await Pass(TimeSpan.FromSeconds(1));

        Assert.False(await IsThere(gone));
        await (await app.SignIn(email)).Refusal(HttpStatusCode.Unauthorized);
        await (await app.CreateClient(gone.Text("accessToken")).Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized);
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from accounts.sessions where user_id = {gone.GetProperty("user").Id()}"));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from accounts.mail_tokens where user_id = {gone.GetProperty("user").Id()}"));
        await app.Register(email);
    }

    [Fact]
    public async Task Whoever_proved_their_address_or_need_not_stays()
    {
        var email = People.NewEmail();
        var proved = await app.Register(email);
        await (await app.Verify(await app.TokenTo(email, "accounts.welcome"))).Body(HttpStatusCode.NoContent);
        var reset = People.NewEmail();
        var known = await app.Register(reset);
        await (await app.Reset(await app.Forgot(reset), "tapioca com coco às 8")).Body(HttpStatusCode.NoContent);
        var made = await app.Insert();
        var staff = await app.Register();
        await (await app.As(await app.Insert(Roles.Admin)).Send(HttpMethod.Put, $"/api/v1/users/{staff.GetProperty("user").Id()}/roles", People.Holding("customer", "staff"))).Body();
        await Pass(TimeSpan.FromDays(30));

        foreach (var user in new[] { proved, known, staff })
            Assert.True(await IsThere(user));
        Assert.Equal(1, await app.Scalar<long>($"select count(*) from accounts.users where id = {made.Id}"));
    }

    [Fact]
    public async Task Whoever_has_ordered_or_has_something_else_that_needs_the_account_stays_until_they_have_not()
    {
        var (ordered, kept) = (await app.Register(), await app.Register());
        var shop = app.As(await app.Insert(Roles.Staff));
        var category = (await (await shop.Post("/api/v1/categories", new { name = "Salgados" })).Body(HttpStatusCode.Created)).Id();
        var product = (await (await shop.Post("/api/v1/products", new { name = "Coxinha", description = "De frango", price = new { amount = 890, currency = "BRL" }, categoryId = category })).Body(HttpStatusCode.Created)).Id();
        await (await app.CreateClient(ordered.Text("accessToken")).Post("/api/v1/orders", new { items = new[] { new { productId = product, quantity = 1 } }, fulfillment = "pickup" })).Body(HttpStatusCode.Created);
        app.Kept.Add(kept.GetProperty("user").Id());
        await Pass(TimeSpan.FromDays(7));

        Assert.True(await IsThere(ordered));
        Assert.True(await IsThere(kept));
        app.Kept.Clear();
        await Pass(TimeSpan.FromDays(6));
        Assert.True(await IsThere(kept));
        await Pass(TimeSpan.FromDays(1));
        Assert.True(await IsThere(ordered));
        Assert.False(await IsThere(kept));
    }

    [Fact]
    public async Task A_job_that_comes_twice_or_after_the_proof_removes_nobody()
    {
        var email = People.NewEmail();
        var user = await app.Register(email);
        await (await app.CreateClient(user.Text("accessToken")).Post("/api/v1/auth/verify-email/resend")).Body(HttpStatusCode.Accepted);
        // Jobs that wait together run together, and either could write the newest token.
        await app.RunJobs();
        app.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromHours(1));
        await (await app.Guest.Post("/api/v1/auth/verify-email/resend", new { email })).Body(HttpStatusCode.Accepted);
        var token = await app.TokenTo(email, "accounts.verify-address");
        app.Clock.Advance(TimeSpan.FromHours(1));
        await Tick();
        await Tick();
        await (await app.Verify(token)).Body(HttpStatusCode.NoContent);
        await app.RunJobs();

        Assert.True(await IsThere(user));
    }

    private async Task Pass(TimeSpan time)
    {
        app.Clock.Advance(time);
        await Tick();
        await app.RunJobs();
    }

    private Task<bool> Tick() => app.InScope(async provider =>
    {
        await provider.GetRequiredService<RemoveUnverified>().Handle(new(app.Clock.GetUtcNow()), CancellationToken.None);
        return true;
    });

    private async Task<bool> IsThere(JsonElement signedIn) => await app.Scalar<long>($"select count(*) from accounts.users where id = {signedIn.GetProperty("user").Id()}") == 1;

    public sealed class App(TestPostgres postgres) : LettersApp(postgres)
    {
        internal System.Collections.Concurrent.ConcurrentBag<Guid> Kept { get; } = [];

        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Services.AddSingleton(Kept).AddScoped<IKeepsAccounts, Keeper>();
        }
    }

    /// <summary>Something that another module holds for a user.</summary>
    internal sealed class Keeper(System.Collections.Concurrent.ConcurrentBag<Guid> kept) : IKeepsAccounts
    {
        public Task<bool> Keeps(Db db, Guid userId, CancellationToken ct) => Task.FromResult(kept.Contains(userId));
    }
}
