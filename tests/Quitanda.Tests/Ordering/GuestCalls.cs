using System.Text.Json;

namespace Quitanda.Tests.Ordering;

/// <summary>How the tests of ordering come without an account.</summary>
internal static class GuestCalls
{
    public const string Header = "X-Cart-Token";

    public const string Items = "/api/v1/cart/items";

    /// <summary>How a guest is reached.</summary>
    public static object Contact(string email = "ana@exemplo.test") => new { name = "Ana Souza", phone = "+5511987654321", email };

    /// <summary>Sends a guest's token with every request.</summary>
    public static HttpClient With(this HttpClient client, string token)
    {
        client.DefaultRequestHeaders.Remove(Header);
        client.DefaultRequestHeaders.TryAddWithoutValidation(Header, token);
        return client;
    }

    /// <summary>The token that an answer makes a guest with; null where it makes none.</summary>
    public static string? Token(this HttpResponseMessage response) => response.Headers.TryGetValues(Header, out var tokens) ? Assert.Single(tokens) : null;

    /// <summary>A guest who has this in the cart, and their token.</summary>
    public static async Task<(HttpClient Client, string Token)> NewGuest(this QuitandaApp shop, Guid product, int quantity = 1)
    {
        var response = await shop.CreateClient().PutItem(product, quantity);
        var token = (await response.Body()).Text("cartToken")!;
        Assert.Equal(token, response.Token());
        return (shop.CreateClient().With(token), token);
    }

    public static Task<HttpResponseMessage> PutItem(this HttpClient client, Guid product, int quantity, string? notes = null, object? options = null) =>
        client.Send(HttpMethod.Put, Items, new { productId = product, quantity, notes, options });

    /// <summary>What is in the cart: products and how many.</summary>
    public static async Task<(Guid Product, int Quantity)[]> Cart(this HttpClient client) => In(await (await client.Get("/api/v1/cart")).Body());

    public static (Guid Product, int Quantity)[] In(JsonElement cart) =>
        [.. cart.GetProperty("items").EnumerateArray().Select(item => (item.GetProperty("productId").GetGuid(), item.GetProperty("quantity").GetInt32()))];
}
