using System.Net;
using Quitanda.Platform;
using Quitanda.Reviews.Reviews;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Reviews;

public sealed class ReviewListTests(TalkativeApp app) : IClassFixture<TalkativeApp>
{
    [Theory]
    [InlineData("", new[] { 3, 5, 1, 5, 2 })]
    [InlineData("&sort=createdAt", new[] { 2, 5, 1, 5, 3 })]
    [InlineData("&sort=rating", new[] { 1, 2, 3, 5, 5 })]
    [InlineData("&sort=-rating", new[] { 5, 5, 3, 2, 1 })]
    [InlineData("&rating=5", new[] { 5, 5 })]
    public async Task A_products_reviews_are_sorted_and_cursors_walk_them(string query, int[] expected)
    {
        var product = await app.NewProduct();
        await People(product, 2, 5, 1, 5, 3);
        await People(await app.NewProduct(), 4);

        List<int> seen = [];
        for (string? after = ""; after is not null;)
        {
            var page = await app.Guest.Page($"products/{product}/reviews?limit=2{query}{(after.Length > 0 ? $"&after={after}" : "")}");
            seen.AddRange(page.GetProperty("data").EnumerateArray().Select(review => review.GetProperty("rating").GetInt32()));
            after = page.GetProperty("meta").GetProperty("next").GetString();
        }

        Assert.Equal(expected, seen);
        Assert.Equal(expected.Length, (await app.Guest.Page($"products/{product}/reviews?page=1{query}")).GetProperty("meta").GetProperty("total").GetInt32());
        await (await app.Guest.Get($"{Reviewing.Of(product)}?sort=author")).Refusal(HttpStatusCode.BadRequest);
        await (await app.Guest.Get($"{Reviewing.Of(product)}?rating=6")).Refusal(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Moderators_see_all_and_choose_by_product_stars_and_whether_it_is_hidden()
    {
        var moderator = app.As(await app.Insert(Roles.Moderator));
        var (one, other) = (await app.NewProduct(), await app.NewProduct());
        var reviews = await People(one, 1, 5, 1);
        await People(other, 1);
        await (await moderator.Post($"/api/v1/reviews/{reviews[0]}/hide")).Body();

        Assert.Equal(3, (await moderator.Reviews($"/api/v1/reviews?productId={one}")).Count);
        Assert.Equal([reviews[2], reviews[0]], (await moderator.Reviews($"/api/v1/reviews?productId={one}&rating=1")).Select(review => review.Id()));
        Assert.Equal([reviews[0]], (await moderator.Reviews($"/api/v1/reviews?productId={one}&hidden=true")).Select(review => review.Id()));
        Assert.Equal([reviews[2], reviews[1]], (await moderator.Reviews($"/api/v1/reviews?productId={one}&hidden=false&sort=rating")).Select(review => review.Id()));
        Assert.Equal(other, Assert.Single(await moderator.Reviews($"/api/v1/reviews?productId={other}")).GetProperty("subject").Id());
        // Without a filter it is all there is: these four at the least.
        Assert.InRange((await (await moderator.Get("/api/v1/reviews?page=1")).Body()).GetProperty("meta").GetProperty("total").GetInt64(), 4, long.MaxValue);
        foreach (var client in (HttpClient[])[await app.Customer(), await app.Staff()])
            await (await client.Get("/api/v1/reviews")).Refusal(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_list_is_kept_until_what_it_shows_is_another_and_so_are_its_names()
    {
        var product = await app.NewProduct();
        var person = await app.Insert();
        await app.Deliver([person.Id], product);
        var client = app.As(person);
        var review = await client.Review(product, 5, "Bom.");
        Assert.Equal("Bom.", await Shown("comment"));
        await app.Execute($"update reviews.reviews set comment = 'Às escondidas' where id = {review.Id()}");
        Assert.Equal("Bom.", await Shown("comment"));

        await (await client.Patch("/api/v1/users/me", new { name = "Lia de Oliveira" })).Body();
        Assert.Equal(("Lia O.", "Às escondidas"), (await Shown("author"), await Shown("comment")));
        await (await client.Patch("/api/v1/users/me", new { firstName = "Maria Lia", lastName = "Ávila" })).Body();
        Assert.Equal("Maria Á.", await Shown("author"));
        await (await client.Patch(review.Path(), new { comment = "Ótimo." })).Body();
        Assert.Equal("Ótimo.", await Shown("comment"));

        async Task<string> Shown(string member) => Assert.Single(await app.Guest.Reviews(Reviewing.Of(product))).Text(member);
    }

    [Fact]
    public async Task No_list_reads_all_reviews_there_are()
    {
        await app.Execute($"""
            insert into reviews.reviews (id, subject_kind, subject_id, author_id, rating, hidden_at, created_at, updated_at)
            select gen_random_uuid(), 'product', md5((n % 200)::text)::uuid, gen_random_uuid(), 1 + n * 7 % 5, case when n % 500 = 0 then now() end, now() - make_interval(secs => n * 7907 % 10009), now()
            from generate_series(1, 20000) n
            """);
        await app.Execute($"analyze reviews.reviews");
        var product = await app.Scalar<Guid>($"select md5('7')::uuid");
        var author = await app.Scalar<Guid>($"select author_id from reviews.reviews limit 1");

        var lists = new (Sql Where, bool HasOnePlan)[]
        {
            (ListProductReviews.Where("product", product, new()), true), (ListProductReviews.Where("product", product, new() { Rating = 5 }), false), (Sql.Of($"r.author_id = {author} and r.withdrawn_at is null"), false),
            (ListReviews.Where(new()), false), (ListReviews.Where(new() { Hidden = true }), false), (ListReviews.Where(new() { Rating = 1 }), false), (ListReviews.Where(new() { ProductId = product }), false),
            (ListReviews.Where(new() { Hidden = false, Rating = 2, ProductId = product }), false),
        };
        foreach (var (where, hasOnePlan) in lists)
            foreach (var sort in StoredReview.Sorts)
                foreach (var way in (string[])["asc", "desc"])
                {
                    var plan = await PlanOf(Sql.Of($"select {StoredReview.Columns} from reviews.reviews r where {where} order by {Sql.Raw(sort.Column)} {Sql.Raw(way)}, r.id {Sql.Raw(way)} limit 21"), hasOnePlan);
                    Assert.False(plan.Contains("Seq Scan", StringComparison.Ordinal), $"{where} by {sort.Name} {way}:\n{plan}");
                }

        Assert.DoesNotContain("Seq Scan", await PlanOf(Sql.Of($"select sum(rating), count(*) from reviews.reviews r where {ListProductReviews.Where("product", product, new())}"), hasOnePlan: true), StringComparison.Ordinal);
    }

    private async Task<string> PlanOf(Sql statement, bool hasOnePlan)
    {
        List<string> plan = [];
        async Task Read(Npgsql.NpgsqlDataReader reader)
        {
            while (await reader.ReadAsync(TestContext.Current.CancellationToken))
                plan.Add(reader.GetString(0));
        }

        await app.WithDb(async db =>
        {
            var explained = Sql.Of($"explain {statement}");
            await (hasOnePlan ? db.Reading([explained], Read, TestContext.Current.CancellationToken) : db.ReadingPlanned([explained], Read, TestContext.Current.CancellationToken));
            return true;
        });
        return string.Join('\n', plan);
    }

    /// <summary>What as many people say of a product, one after the other.</summary>
    private async Task<List<Guid>> People(Guid product, params int[] ratings)
    {
        List<Guid> reviews = [];
        foreach (var rating in ratings)
        {
            app.Clock.Advance(TimeSpan.FromMilliseconds(1));
            var person = await app.Insert();
            await app.Deliver([person.Id], product);
            reviews.Add((await app.As(person).Review(product, rating)).Id());
        }

        return reviews;
    }
}
