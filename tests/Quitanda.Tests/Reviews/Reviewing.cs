using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Reviews;

/// <summary>An application where nobody says too much.</summary>
public sealed class TalkativeApp(TestPostgres postgres) : QuitandaApp(postgres)
{
    protected override void Configure(WebApplicationBuilder builder) => builder.Configuration["Reviews:PostsPerHour"] = "0";
}

/// <summary>How the tests of reviews bring goods to people and hear what they say.</summary>
internal static class Reviewing
{
    /// <summary>A product that everybody sees.</summary>
    public static async Task<Guid> NewProduct(this QuitandaApp app)
    {
        var staff = await app.Staff();
        return (await staff.AddProduct((await staff.AddCategory()).Id())).Id();
    }

    /// <summary>Orders that are simply there, delivered: one for each person, of all these products.</summary>
    public static async Task Deliver(this QuitandaApp app, Guid[] people, params Guid[] products)
    {
        await app.Execute($"""
            with placed as (
                insert into ordering.orders (id, number, customer_id, status, payment_status, payment_method, fulfillment, currency, subtotal, discount, delivery_fee, tip, total, metadata, created_at, updated_at)
                select gen_random_uuid(), nextval('ordering.order_numbers'), person, 'delivered', 'paid', 'manual', 'pickup', 'BRL', 100, 0, 0, 0, 100, jsonb_build_object(), now(), now() from unnest({people}) person
                returning id
            )
            insert into ordering.order_items (order_id, position, product_id, name, quantity, unit_price, total)
            select placed.id, p.position::integer, p.id, 'Coxinha', 1, 100, 100 from placed cross join unnest({products}) with ordinality p (id, position)
            """);
        await app.Execute($"update catalog.products set ordered = true where id = any({products})");
    }

    /// <summary>Reviews that are simply there, and counted by nobody yet.</summary>
    public static async Task<Guid> InsertReview(this QuitandaApp app, Guid product, Guid author, int rating = 5)
    {
        var (id, now) = (Guid.CreateVersion7(), app.Clock.GetUtcNow());
        await app.Execute($"""
            insert into reviews.reviews (id, subject_kind, subject_id, author_id, rating, comment, created_at, updated_at)
            values ({id}, 'product', {product}, {author}, {rating}, 'Crocante.', {now}, {now})
            """);
        return id;
    }

    public static Task<HttpResponseMessage> Post(this HttpClient client, Guid product, int rating, string? comment = null) => client.Post(Of(product), new { rating, comment });

    /// <summary>Posts a review that must be taken.</summary>
    public static async Task<JsonElement> Review(this HttpClient client, Guid product, int rating, string? comment = null) => await (await client.Post(product, rating, comment)).Body(HttpStatusCode.Created);

    public static string Of(Guid product) => $"/api/v1/products/{product}/reviews";

    public static string Path(this JsonElement review) => $"/api/v1/reviews/{review.Id()}";

    /// <summary>The reviews on a page.</summary>
    public static async Task<List<JsonElement>> Reviews(this HttpClient client, string path) => [.. (await (await client.Get(path)).Body()).GetProperty("data").EnumerateArray()];

    /// <summary>What a product shows of its reviews.</summary>
    public static async Task<(decimal? Average, int Count)> RatingOf(this HttpClient client, Guid product)
    {
        var shown = await client.Product(product);
        return (shown.GetProperty("averageRating") is { ValueKind: JsonValueKind.Number } average ? average.GetDecimal() : null, shown.GetProperty("reviewCount").GetInt32());
    }
}
