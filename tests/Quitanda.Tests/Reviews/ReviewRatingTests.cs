using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Users;
using Quitanda.Catalog;
using Quitanda.Ordering.Orders;
using Quitanda.Platform;
using Quitanda.Reviews;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Reviews;

/// <summary>A product shows what its reviews come to, whatever happened to them, in whatever order, and however often it is told.</summary>
public sealed class ReviewRatingTests(TalkativeApp app, ITestOutputHelper output) : IClassFixture<TalkativeApp>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("QUITANDA_TEST_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Size.Of(51, Environment.TickCount);

#pragma warning disable CA5394 // The same steps in every run.
    [Fact]
    public async Task Whatever_happens_to_reviews_their_products_show_what_they_come_to()
    {
        output.WriteLine($"QUITANDA_TEST_SEED={Seed}");
        var random = new Random(Seed);
        var moderator = await app.Insert(Roles.Customer | Roles.Moderator);
        Guid[] products = [await app.NewProduct(), await app.NewProduct()];
        var people = new List<User>();
        for (var i = 0; i < 5; i++)
            people.Add(await Newcomer(products));
        var model = new Dictionary<(Guid Product, Guid Person), Said>();

        for (var step = 0; step < Size.Of(180, 3000); step++)
        {
            var (product, at) = (products[random.Next(products.Length)], random.Next(people.Count));
            await Happen(random.Next(100), product, people, at);
            await Disturb(random.Next(100));
            if (step % 12 == 11)
                await Settle();
        }

        await Settle();

        async Task Happen(int what, Guid product, List<User> people, int at)
        {
            var (key, client) = ((product, people[at].Id), app.As(people[at]));
            var known = model.TryGetValue(key, out var said);
            var expected = known ? HttpStatusCode.OK : HttpStatusCode.NotFound;
            var rating = random.Next(1, 6);
            switch (what)
            {
                case < 35:
                    var posted = await client.Post(product, rating);
                    Assert.Equal(known || Gone.Contains(key) ? HttpStatusCode.Conflict : HttpStatusCode.Created, posted.StatusCode);
                    if (posted.StatusCode == HttpStatusCode.Created)
                        model[key] = new((await posted.Body(HttpStatusCode.Created)).Id(), rating, IsHidden: false);
                    break;
                case < 55:
                    Assert.Equal(expected, (await client.Patch(PathOf(said), new { rating })).StatusCode);
                    if (known)
                        model[key] = said! with { Rating = rating };
                    break;
                case < 70:
                    Assert.Equal(expected, (await app.As(moderator).Post(PathOf(said) + "/hide")).StatusCode);
                    if (known)
                        model[key] = said! with { IsHidden = true };
                    break;
                case < 85:
                    Assert.Equal(expected, (await app.As(moderator).Post(PathOf(said) + "/show")).StatusCode);
                    if (known)
                        model[key] = said! with { IsHidden = false };
                    break;
                case < 97:
                    Assert.Equal(known ? HttpStatusCode.NoContent : HttpStatusCode.NotFound, (await client.Delete(PathOf(said))).StatusCode);
                    if (model.Remove(key) && said!.IsHidden)
                        Gone.Add(key);
                    break;
                default:
                    Assert.Equal(HttpStatusCode.NoContent, (await client.Delete("/api/v1/users/me")).StatusCode);
                    foreach (var one in products)
                        model.Remove((one, people[at].Id));
                    people[at] = await Newcomer(products);
                    break;
            }
        }

        async Task Settle()
        {
            app.Clock.Advance(TimeSpan.FromMinutes(2));
            await app.RunJobs();
            foreach (var product in products)
            {
                var shown = model.Where(one => one.Key.Product == product && !one.Value.IsHidden).Select(one => one.Value.Rating).ToList();
                var average = shown.Count == 0 ? (decimal?)null : decimal.Round((decimal)shown.Sum() / shown.Count, 1, MidpointRounding.AwayFromZero);
                Assert.Equal((average, shown.Count), await app.Guest.RatingOf(product));
                Assert.Equal(shown.Order(), (await app.Guest.Reviews($"{Reviewing.Of(product)}?sort=rating")).Select(review => review.GetProperty("rating").GetInt32()));
            }
        }
    }

    /// <summary>Reviews that were taken back while they were hidden.</summary>
    private HashSet<(Guid Product, Guid Person)> Gone { get; } = [];

    [Fact]
    public async Task Two_hundred_reviewers_on_two_processes_come_to_what_is_listed()
    {
        const int People = 200;
        await using var other = await app.StartBeside(("Reviews:PostsPerHour", "0"));
        var product = await app.NewProduct();
        var people = await Task.WhenAll(Enumerable.Range(0, People).Select(_ => app.Insert()));
        await app.Deliver([.. people.Select(person => person.Id)], product);
        var moderator = app.As(await app.Insert(Roles.Moderator));
        var random = new Random(Seed);
        var plans = people.Select(_ => (First: random.Next(1, 6), Then: random.Next(1, 6), What: random.Next(4))).ToArray();

        using var done = new CancellationTokenSource();
        var working = ((IServiceProvider[])[app.Services, other.Services]).Select(services => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
                await services.GetRequiredService<JobRunner>().RunDue(CancellationToken.None);
        }, Ct)).ToArray();
        await Task.WhenAll(people.Select((person, at) => Say(app.As(person), other.ClientFor(app.As(person)), plans[at])));
        await done.CancelAsync();
        await Task.WhenAll(working);
        await app.RunJobs();

        var listed = new List<int>();
        for (var page = 1; page <= 2; page++)
            listed.AddRange((await app.Guest.Reviews($"{Reviewing.Of(product)}?limit=100&page={page}")).Select(review => review.GetProperty("rating").GetInt32()));
        var expected = plans.Where(plan => plan.What is 0 or 1).Select(plan => plan.What == 0 ? plan.First : plan.Then).Order().ToList();
        Assert.Equal(expected, listed.Order());
        Assert.Equal((expected.Sum(), (long)expected.Count), await app.WithDb(db => db.ReadFirst(
            $"select rating_sum, rating_count from catalog.products where id = {product}", row => (row.GetInt64(0), (long)row.GetInt32(1)), Ct)));
        var shown = (decimal.Round((decimal)expected.Sum() / expected.Count, 1, MidpointRounding.AwayFromZero), expected.Count);
        Assert.Equal(shown, await app.Guest.RatingOf(product));
        await Eventually.Happens(async () => await other.ClientFor(app.Guest).RatingOf(product) == shown, "What the other process shows");

        async Task Say(HttpClient here, HttpClient there, (int First, int Then, int What) plan)
        {
            // Both at once, and only one of them is taken.
            var posts = await Task.WhenAll(here.Post(product, plan.First), there.Post(product, plan.First));
            Assert.Equal("already_reviewed", await Assert.Single(posts, post => post.StatusCode != HttpStatusCode.Created).Refusal(HttpStatusCode.Conflict));
            var review = await Assert.Single(posts, post => post.StatusCode == HttpStatusCode.Created).Body(HttpStatusCode.Created);
            if (plan.What == 1)
                await (await there.Patch(review.Path(), new { rating = plan.Then })).Body();
            else if (plan.What == 2)
                await (await moderator.Post(review.Path() + "/hide")).Body();
            else if (plan.What == 3)
                Assert.Equal(HttpStatusCode.NoContent, (await there.Delete(review.Path())).StatusCode);
        }
    }
#pragma warning restore CA5394

    [Fact]
    public async Task Who_counted_sooner_never_writes_later()
    {
        var product = await app.NewProduct();
        var people = await Task.WhenAll(app.Insert(), app.Insert());
        await app.Deliver([people[0].Id, people[1].Id], product);
        await app.As(people[0]).Review(product, 3);
        Task<bool>? second = null;
        await app.InScope(async provider =>
        {
            var counted = await provider.GetRequiredService<IReviews>().Count("product", product, Ct);
            Assert.Equal(new(3, 1), counted);
            await app.As(people[1]).Review(product, 5);
            second = Tell(product);
            await Task.WhenAny(second, app.UntilOneWaits());
            await provider.GetRequiredService<ICatalog>().SetRating(product, counted.Stars, counted.Reviews, Ct);
            return true;
        });
        await second!;

        Assert.Equal((4.0m, 2), await app.Guest.RatingOf(product));
    }

    [Fact]
    public async Task What_is_kept_is_forgotten_only_where_it_shows_something_else()
    {
        var staff = await app.Staff();
        var category = await staff.AddCategory();
        var product = (await staff.AddProduct(category.Id(), name: "Empada")).Id();
        var person = await app.Insert();
        await app.Deliver([person.Id], product);
        for (var i = 0; i < 39; i++)
            await app.InsertReview(product, Guid.CreateVersion7());
        var review = await app.As(person).Review(product, 5);
        await app.RunJobs();
        Assert.Equal(("Empada", "Empada"), await Names());
        // Behind the application's back: only an answer that was kept does not know.
        await app.Execute($"update catalog.products set name = 'Às escondidas' where id = {product}");

        await Tell(product);
        await Tell(product);
        await (await app.As(person).Patch(review.Path(), new { comment = "Mudei as palavras.", rating = 5 })).Body();
        Assert.Equal(0, await RunDue());
        Assert.Equal(("Empada", "Empada"), await Names());

        // 4.975 is 5.0 still; only the order of a list may be another.
        await (await app.As(person).Patch(review.Path(), new { rating = 4 })).Body();
        // One for each who listens: products, and listings.
        Assert.Equal(2, await RunDue());
        Assert.Equal(("Empada", "Às escondidas"), await Names());
        await (await app.As(person).Patch(review.Path(), new { rating = 1 })).Body();
        await app.RunJobs();
        Assert.Equal(("Às escondidas", "Às escondidas"), await Names());
        Assert.Equal((4.9m, 40), await app.Guest.RatingOf(product));

        async Task<(string One, string Listed)> Names() =>
            ((await app.Guest.Product(product)).Text("name"), Assert.Single((await app.Guest.Page($"products?category={category.Text("slug")}")).Names()));
    }

    private static string PathOf(Said? said) => $"/api/v1/reviews/{said?.ReviewId ?? Guid.CreateVersion7()}";

    /// <summary>Tells the shop once more, as a message does that comes twice or late.</summary>
    private Task<bool> Tell(Guid product) => app.InScope(async provider =>
    {
        await provider.GetRequiredService<RateProduct>().Handle(new("product", product), Ct);
        return true;
    });

    private Task<int> RunDue() => app.Services.GetRequiredService<JobRunner>().RunDue(Ct);

    private async Task<User> Newcomer(Guid[] products)
    {
        var person = await app.Insert();
        await app.Deliver([person.Id], products);
        return person;
    }

    /// <summary>Has what is on its way come twice, late, in another order, or now.</summary>
    private Task Disturb(int what) => what switch
    {
        < 15 => app.Execute($"insert into platform.jobs (kind, payload, run_at) select kind, payload, run_at from platform.jobs where kind = {RateProduct.Kind}"),
        < 35 => app.Execute($"update platform.jobs set run_at = {app.Clock.GetUtcNow()} + random() * interval '1 minute' where kind = {RateProduct.Kind} and random() < 0.5"),
        < 60 => app.RunJobs(),
        _ => Task.CompletedTask,
    };

    private sealed record Said(Guid ReviewId, int Rating, bool IsHidden);
}
