using System.Net;

namespace Quitanda.Tests.Ordering;

public sealed class OrderRaceTests(Shop shop) : IClassFixture<Shop>
{
    private const string Orders = "/api/v1/orders";

    [Fact]
    public async Task Two_hundred_buyers_of_the_last_five_get_five_whatever_their_baskets_look_like()
    {
        var people = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => shop.Customer()));
        var scarce = await shop.Product(stock: 5, price: 100);
        var others = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => shop.Product(stock: 10_000, price: 100)));
#pragma warning disable CA5394 // The same shuffle in every run.
        var random = new Random(20260304);
        var baskets = people.Select((_, place) =>
        {
            List<(Guid, int)> lines = [(scarce, 1), .. others.Take(place % others.Length).Select(other => (other, 1 + place % 3))];
            // The same product twice in one order, as two lines apart.
            if (place % 4 == 0)
                lines.Add((others[place % others.Length], 2));
            var shuffled = lines.ToArray();
            random.Shuffle(shuffled);
            return shuffled;
        }).ToArray();
#pragma warning restore CA5394

        var responses = await Task.WhenAll(people.Zip(baskets, (person, lines) => person.Client.Post(Orders, Shop.Pickup(lines))));

        Assert.Equal(5, responses.Count(response => response.StatusCode == HttpStatusCode.Created));
        foreach (var response in responses.Where(response => response.StatusCode != HttpStatusCode.Created))
        {
            var problem = await response.Refusal(HttpStatusCode.Conflict, "out_of_stock");
            Assert.Equal(scarce, Assert.Single(problem.GetProperty("products").EnumerateArray()).GetProperty("productId").GetGuid());
        }

        Assert.Equal(0, await shop.StockOf(scarce));

        // What the refused would have had besides was not taken.
        var taken = baskets.Where((_, place) => responses[place].StatusCode == HttpStatusCode.Created).SelectMany(lines => lines).ToLookup(line => line.Item1, line => line.Item2);
        foreach (var other in others)
            Assert.Equal(10_000 - taken[other].Sum(), await shop.StockOf(other));
    }

    [Fact]
    public async Task Repeated_lines_count_together_in_a_race()
    {
        var people = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => shop.Customer()));
        var (one, two) = (await shop.Product(stock: 11, price: 100), await shop.Product(stock: 1000, price: 100));

        var responses = await Task.WhenAll(people.Select((person, place) =>
            person.Client.Post(Orders, place % 2 == 0 ? Shop.Pickup((one, 1), (two, 1), (one, 1)) : Shop.Pickup((two, 1), (one, 2)))));

        Assert.Equal(5, responses.Count(response => response.StatusCode == HttpStatusCode.Created));
        Assert.Equal(45, responses.Count(response => response.StatusCode == HttpStatusCode.Conflict));
        Assert.Equal((1, 995), (await shop.StockOf(one), await shop.StockOf(two)));
    }

    [Fact]
    public async Task One_key_sent_fifty_times_at_once_is_one_order()
    {
        var product = await shop.Product(stock: 100, price: 100);
        var customer = await shop.Customer();
        var key = $"{Guid.CreateVersion7()}";

        var responses = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => customer.Client.Post(Orders, Shop.Pickup((product, 1)), key)));

        List<string> answers = [];
        foreach (var response in responses)
            if (response.StatusCode == HttpStatusCode.Created)
                answers.Add((await response.Body(HttpStatusCode.Created)).GetRawText());
            else
                await response.Refusal(HttpStatusCode.Conflict, "idempotency_in_progress");
        Assert.Single(answers.Distinct(StringComparer.Ordinal));
        Assert.Equal(99, await shop.StockOf(product));
        Assert.Equal(1, (await (await customer.Client.Get($"{Orders}/mine")).Body()).GetProperty("meta").GetProperty("total").GetInt64());
        await (await customer.Client.Post(Orders, Shop.Pickup((product, 2)), key)).Refusal(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
    }

    [Fact]
    public async Task Fifty_cancels_at_once_bring_the_stock_back_once()
    {
        var product = await shop.Product(stock: 10, price: 100);
        var (customer, staff) = (await shop.Customer(), await shop.Staff());
        var order = await shop.Place(customer, Shop.Pickup((product, 3), (product, 1)));

        var responses = await Task.WhenAll(Enumerable.Range(0, 50).Select(place => (place % 2 == 0 ? customer : staff).Client.Post($"{Orders}/{order.Id()}/cancel")));

        Assert.Equal(1, responses.Count(response => response.StatusCode == HttpStatusCode.OK));
        foreach (var response in responses.Where(response => response.StatusCode != HttpStatusCode.OK))
            await response.Refusal(HttpStatusCode.Conflict, "invalid_transition");
        Assert.Equal(10, await shop.StockOf(product));
        Assert.Equal(2, (await (await customer.Client.Get($"{Orders}/{order.Id()}")).Body()).GetProperty("timeline").GetArrayLength());
    }

    [Fact]
    public async Task A_cancel_against_a_confirm_leaves_one_story()
    {
        var (customer, staff) = (await shop.Customer(), await shop.Staff());
        for (var round = 0; round < Size.Of(10, 100); round++)
        {
            var order = await shop.Place(customer);
            await Task.WhenAll(customer.Client.Post($"{Orders}/{order.Id()}/cancel"), staff.Client.Post($"{Orders}/{order.Id()}/confirm"), staff.Client.Post($"{Orders}/{order.Id()}/prepare"));

            var after = await (await customer.Client.Get($"{Orders}/{order.Id()}")).Body();
            string?[] story = [.. after.GetProperty("timeline").EnumerateArray().Select(step => step.Text("status"))];
            Assert.Contains(string.Join(' ', story), (string[])["pending cancelled", "pending confirmed cancelled", "pending confirmed preparing"], StringComparer.Ordinal);
            Assert.Equal(story[^1], after.Text("status"));
        }
    }
}
