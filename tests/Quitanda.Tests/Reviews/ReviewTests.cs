using System.Net;
using System.Text.Json;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Reviews;

public sealed class ReviewTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Fact]
    public async Task Who_received_it_reviews_it_once_under_a_first_name_and_an_initial()
    {
        var staff = await app.Staff();
        var product = await app.NewProduct();
        var signedUp = await app.Register();
        var ana = app.CreateClient(signedUp.Text("accessToken"));
        var order = (await (await ana.Post("/api/v1/orders",
            new { items = new[] { new { productId = product, quantity = 1 } }, fulfillment = "pickup", paymentMethod = "manual" })).Body(HttpStatusCode.Created)).Id();
        foreach (var step in (string[])["confirm", "prepare", "ready", "deliver"])
        {
            Assert.Equal("not_received", await (await ana.Post(product, 5)).Refusal(HttpStatusCode.Conflict));
            await (await staff.Post($"/api/v1/orders/{order}/{step}")).Body();
        }

        var posted = await ana.Post(product, 4, "  Crocante, e quente.\n");
        var review = await posted.Body(HttpStatusCode.Created);
        Assert.Equal($"/api/v1/reviews/{review.Id()}", posted.Headers.Location?.ToString());
        await app.RunJobs();

        Assert.Equal((4.0m, 1), await app.Guest.RatingOf(product));
        var shown = Assert.Single(await app.Guest.Reviews(Reviewing.Of(product)));
        Assert.Equal(review.GetRawText(), shown.GetRawText());
        Assert.Equal(review.GetRawText(), (await (await app.Guest.Get(review.Path())).Body()).GetRawText());
        Assert.Equal((4, "Crocante, e quente.", "Ana S."), (shown.GetProperty("rating").GetInt32(), shown.Text("comment"), shown.Text("author")));
        Assert.Equal(("product", product), (shown.GetProperty("subject").Text("kind"), shown.GetProperty("subject").Id()));
        // And nothing else about anybody.
        Assert.Equal("author comment createdAt id isHidden rating subject updatedAt", string.Join(' ', shown.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal)));

        var again = await (await ana.Post(product, 1)).Body(HttpStatusCode.Conflict);
        Assert.Equal(("already_reviewed", review.Id()), (again.Text("code"), again.GetProperty("reviewId").GetGuid()));
        Assert.Equal("not_received", await (await (await app.Customer()).Post(product, 1)).Refusal(HttpStatusCode.Conflict));
        await (await app.Guest.Post(product, 1)).Refusal(HttpStatusCode.Unauthorized);
        foreach (var client in (HttpClient[])[ana, app.Guest])
            await (await client.Get(Reviewing.Of(Guid.CreateVersion7()))).Refusal(HttpStatusCode.NotFound);
        await (await ana.Post(Guid.CreateVersion7(), 1)).Refusal(HttpStatusCode.NotFound);
        // What is archived is there no more for anybody; what was said of it stays its author's.
        Assert.Equal(HttpStatusCode.NoContent, (await staff.Delete($"/api/v1/products/{product}")).StatusCode);
        await (await ana.Post(product, 1)).Refusal(HttpStatusCode.NotFound);
        await (await ana.Patch(review.Path(), new { rating = 5 })).Body();
        Assert.Single(await ana.Reviews($"/api/v1/reviews/mine?productId={product}"));
    }

    [Fact]
    public async Task Stars_are_one_to_five_and_words_at_most_two_thousand()
    {
        var product = await app.NewProduct();
        var (author, review) = await Received(product, 3);
        foreach (var (body, field) in new (string, string)[]
        {
            ("""{"rating":0}""", "rating"), ("""{"rating":6}""", "rating"), ("""{"rating":5,"comment":""}""", "comment"), ("""{"rating":5,"comment":" \n\t"}""", "comment"),
            ($$"""{"rating":5,"comment":"{{new string('a', 2001)}}"}""", "comment"), ("""{"comment":"Bom."}""", "rating"), ("""{"rating":4.5}""", "rating"), ("""{"rating":"5"}""", "rating"),
        })
        {
            var wrong = await (await author.Post(Reviewing.Of(product), body)).Body(HttpStatusCode.BadRequest);
            Assert.Contains(field, wrong.GetRawText(), StringComparison.Ordinal);
            if (body.StartsWith("""{"rating":""", StringComparison.Ordinal))
                Assert.Equal(HttpStatusCode.BadRequest, (await author.Patch(review.Path(), JsonDocument.Parse(body).RootElement)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await author.Patch(review.Path(), new { rating = (int?)null })).StatusCode);
        var longest = new string('ã', 2000);
        Assert.Equal(longest, (await (await author.Patch(review.Path(), new { comment = $" {longest}\n" })).Body()).Text("comment"));
        Assert.Equal("<b>&", (await (await author.Patch(review.Path(), new { comment = "<b>&" })).Body()).Text("comment"));
        var cleared = await (await author.Patch(review.Path(), new { comment = (string?)null })).Body();
        Assert.Equal((JsonValueKind.Null, 3), (cleared.GetProperty("comment").ValueKind, cleared.GetProperty("rating").GetInt32()));
    }

    [Fact]
    public async Task Its_author_alone_changes_it_and_takes_it_back()
    {
        var product = await app.NewProduct();
        var (author, review) = await Received(product, 2, "Frio.");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        foreach (var other in (HttpClient[])[await app.Customer(), await app.Staff(), app.As(await app.Insert(Roles.Moderator)), app.As(await app.Insert(Roles.Admin))])
        {
            await (await other.Patch(review.Path(), new { rating = 5 })).Refusal(HttpStatusCode.NotFound);
            await (await other.Delete(review.Path())).Refusal(HttpStatusCode.NotFound);
        }

        var changed = await (await author.Patch(review.Path(), new { rating = 5, comment = "Trouxeram outro." })).Body();
        Assert.Equal((5, "Trouxeram outro."), (changed.GetProperty("rating").GetInt32(), changed.Text("comment")));
        Assert.Equal((review.Text("createdAt"), app.Clock.GetUtcNow()), (changed.Text("createdAt"), changed.GetProperty("updatedAt").GetDateTimeOffset()));
        Assert.Equal(changed.GetRawText(), Assert.Single(await app.Guest.Reviews(Reviewing.Of(product))).GetRawText());

        Assert.Equal(HttpStatusCode.NoContent, (await author.Delete(review.Path())).StatusCode);
        await (await author.Delete(review.Path())).Refusal(HttpStatusCode.NotFound);
        await (await author.Get(review.Path())).Refusal(HttpStatusCode.NotFound);
        Assert.Empty(await app.Guest.Reviews(Reviewing.Of(product)));
        await app.RunJobs();
        Assert.Equal((null, 0), await app.Guest.RatingOf(product));
        Assert.NotEqual(review.Id(), (await author.Review(product, 4)).Id());
    }

    [Fact]
    public async Task What_a_moderator_hides_is_neither_listed_nor_counted_and_stays_hidden_whatever_its_author_does()
    {
        var product = await app.NewProduct();
        var moderator = app.As(await app.Insert(Roles.Customer | Roles.Moderator));
        var writer = await app.Insert();
        await app.Deliver([writer.Id], product);
        var author = app.As(writer);
        var review = await author.Review(product, 1, "Palavrão.");
        await Received(product, 5);
        await app.RunJobs();
        Assert.Equal((3.0m, 2), await app.Guest.RatingOf(product));
        Assert.Equal(2, (await app.Guest.Reviews(Reviewing.Of(product))).Count);

        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var hidden = await (await moderator.Post(review.Path() + "/hide", new { reason = "Ofende a cozinheira Lia." })).Body();
        await app.RunJobs();

        Assert.Equal((true, "Ofende a cozinheira Lia.", writer.Id), (hidden.GetProperty("isHidden").GetBoolean(), hidden.Text("hiddenReason"), hidden.GetProperty("authorId").GetGuid()));
        Assert.Equal(review.Text("updatedAt"), hidden.Text("updatedAt"));
        Assert.Equal((5.0m, 1), await app.Guest.RatingOf(product));
        foreach (var reader in (HttpClient[])[app.Guest, await app.Customer(), await app.Staff(), author, moderator])
            Assert.DoesNotContain(await reader.Reviews(Reviewing.Of(product)), shown => shown.Id() == review.Id());
        foreach (var stranger in (HttpClient[])[app.Guest, await app.Customer(), await app.Staff()])
            await (await stranger.Get(review.Path())).Refusal(HttpStatusCode.NotFound);
        foreach (var path in (string[])[review.Path(), "/api/v1/reviews/mine"])
            Assert.Contains("Ofende", await (await author.Get(path)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal([review.Id()], (await moderator.Reviews($"/api/v1/reviews?hidden=true&productId={product}")).Select(shown => shown.Id()));
        // The log knows who did it, and what was said about somebody is sealed with their key.
        var admin = app.As(await app.Insert(Roles.Admin));
        var row = (await (await admin.Get($"/api/v1/audit-log?person={writer.Id}&action=HideReview")).Body()).GetProperty("data")[0];
        Assert.Equal((false, true, "Ofende a cozinheira Lia."),
            (row.GetProperty("before").GetProperty("isHidden").GetBoolean(), row.GetProperty("after").GetProperty("isHidden").GetBoolean(), row.GetProperty("after").Text("hiddenReason")));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.audit_log l where l::text like '%cozinheira%'"));

        // Its author's words, hidden as they are.
        Assert.True((await (await author.Patch(review.Path(), new { rating = 2, comment = "Outro palavrão." })).Body()).GetProperty("isHidden").GetBoolean());
        await app.RunJobs();
        Assert.Equal((5.0m, 1), await app.Guest.RatingOf(product));
        var shownAgain = await (await moderator.Post(review.Path() + "/show")).Body();
        await (await moderator.Post(review.Path() + "/show")).Body();
        await app.RunJobs();
        Assert.Equal((false, "Outro palavrão."), (shownAgain.GetProperty("isHidden").GetBoolean(), shownAgain.Text("comment")));
        Assert.Equal((3.5m, 2), await app.Guest.RatingOf(product));
        Assert.Equal(2, (await app.Guest.Reviews(Reviewing.Of(product))).Count);

        await (await moderator.Post(review.Path() + "/hide")).Body();
        Assert.Equal(HttpStatusCode.NoContent, (await author.Delete(review.Path())).StatusCode);
        await app.RunJobs();
        foreach (var reader in (HttpClient[])[author, moderator])
            await (await reader.Get(review.Path())).Refusal(HttpStatusCode.NotFound);
        await (await author.Delete(review.Path())).Refusal(HttpStatusCode.NotFound);
        await (await author.Patch(review.Path(), new { rating = 5 })).Refusal(HttpStatusCode.NotFound);
        foreach (var verb in (string[])["hide", "show"])
            await (await moderator.Post($"{review.Path()}/{verb}")).Refusal(HttpStatusCode.NotFound);
        Assert.Empty(await author.Reviews("/api/v1/reviews/mine"));
        // It cannot come back by another way, and what was said is kept nowhere.
        var again = await (await author.Post(product, 1, "Palavrão.")).Body(HttpStatusCode.Conflict);
        Assert.Equal(("already_reviewed", false), (again.Text("code"), again.TryGetProperty("reviewId", out _)));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from reviews.reviews r where r::text like '%alavr%'"));
        Assert.Equal((5.0m, 1), await app.Guest.RatingOf(product));
    }

    [Fact]
    public async Task Whoever_goes_takes_all_they_said_along_and_their_stars()
    {
        var (first, second) = (await app.NewProduct(), await app.NewProduct());
        var person = await app.Insert();
        await app.Deliver([person.Id], first, second);
        var client = app.As(person);
        await client.Review(first, 1, "Segredo da Zulmira.");
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var hidden = await client.Review(second, 1, "Outro segredo.");
        await (await app.As(await app.Insert(Roles.Moderator)).Post(hidden.Path() + "/hide", new { reason = "Nomeia a Zulmira." })).Body();
        var (_, stays) = await Received(first, 4);
        await app.RunJobs();
        Assert.Equal((2.5m, 2), await app.Guest.RatingOf(first));
        Assert.Equal(2, (await app.Guest.Reviews(Reviewing.Of(first))).Count);

        var export = (await (await client.Get("/api/v1/users/me/export")).Body()).GetProperty("data").GetProperty("reviews");
        Assert.Equal(["Segredo da Zulmira.", "Outro segredo."], export.EnumerateArray().Select(held => held.GetProperty("review").Text("comment")), StringComparer.Ordinal);
        Assert.Equal("Nomeia a Zulmira.", export[1].GetProperty("review").Text("hiddenReason"));
        Assert.Equal(HttpStatusCode.NoContent, (await client.Delete("/api/v1/users/me")).StatusCode);

        Assert.Equal([stays.Id()], (await app.Guest.Reviews(Reviewing.Of(first))).Select(review => review.Id()));
        await app.RunJobs();
        Assert.Equal((4.0m, 1), await app.Guest.RatingOf(first));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from reviews.reviews r where author_id = {person.Id} or r::text like '%ulmira%'"));
        await (await app.Guest.Get(hidden.Path())).Refusal(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task One_key_is_one_review_and_whoever_posts_without_end_waits()
    {
        var product = await app.NewProduct();
        var person = await app.Insert();
        await app.Deliver([person.Id], product);
        var client = app.As(person);
        var (json, key) = ("""{"rating":5}""", ("Idempotency-Key", "uma vez"));
        var first = await (await client.Send(HttpMethod.Post, Reviewing.Of(product), json, key)).Body(HttpStatusCode.Created);
        var replayed = await client.Send(HttpMethod.Post, Reviewing.Of(product), json, key);
        Assert.Equal(first.GetRawText(), (await replayed.Body(HttpStatusCode.Created)).GetRawText());

        for (var i = 2; i < 20; i++)
            Assert.Equal("already_reviewed", await (await client.Post(product, 5)).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("rate_limited", await (await client.Post(product, 5)).Refusal(HttpStatusCode.TooManyRequests));
        Assert.Equal("not_received", await (await (await app.Customer()).Post(product, 5)).Refusal(HttpStatusCode.Conflict));
    }

    /// <summary>Somebody who received the product, and what they say of it.</summary>
    private async Task<(HttpClient Author, JsonElement Review)> Received(Guid product, int rating, string? comment = null)
    {
        var person = await app.Insert();
        await app.Deliver([person.Id], product);
        var author = app.As(person);
        return (author, await author.Review(product, rating, comment));
    }
}
