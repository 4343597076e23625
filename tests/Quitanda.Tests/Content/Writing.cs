using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Content;

/// <summary>An application where nobody writes too much.</summary>
public class WordyApp(TestPostgres postgres) : QuitandaApp(postgres)
{
    protected override void Configure(WebApplicationBuilder builder)
    {
        foreach (var name in (string[])["PostsPerHour", "CommentsPerHour", "ReportsPerHour", "ChangesPerHour"])
            builder.Configuration[$"Content:{name}"] = "0";
        // Tests write views down when they want to; that it is done by itself is the subject of one.
        builder.Configuration["Content:ViewSeconds"] = "3600";
    }
}

/// <summary>How the tests of content write posts and comments, and read what is shown of them.</summary>
internal static class Writing
{
    private static int _number;

    public static string NewTitle(string word = "Coxinha") => $"{word} n{Interlocked.Increment(ref _number)}x";

    /// <summary>Begins a post through the front door.</summary>
    public static async Task<JsonElement> Write(this HttpClient author, string? title = null, string content = "Era uma vez.", string[]? tags = null) =>
        await (await author.Post("/api/v1/posts", new { title = title ?? NewTitle(), content, tags = tags ?? [] })).Body(HttpStatusCode.Created);

    /// <summary>Writes a post and publishes it at once.</summary>
    public static async Task<JsonElement> PublishNew(this HttpClient author, string? title = null, string content = "Era uma vez.", string[]? tags = null) =>
        await author.Publish((await author.Write(title, content, tags)).Id());

    public static async Task<JsonElement> Publish(this HttpClient author, Guid id) => await (await author.Post($"/api/v1/posts/{id}/publish")).Body();

    public static async Task<JsonElement> PostOf(this HttpClient client, object idOrSlug) => await (await client.Get($"/api/v1/posts/{idOrSlug}")).Body();

    /// <summary>Says something to a post.</summary>
    public static async Task<JsonElement> Say(this HttpClient author, Guid post, string content = "Boa!", Guid? parentId = null) =>
        await (await author.Post($"/api/v1/posts/{post}/comments", new { content, parentId })).Body(HttpStatusCode.Created);

    public static string Path(this JsonElement comment) => $"/api/v1/comments/{comment.Id()}";

    public static async Task<List<JsonElement>> Threads(this HttpClient client, Guid post, string query = "") => (await client.Page($"posts/{post}/comments{query}")).Rows();

    public static async Task<int> CommentCount(this HttpClient client, Guid post) => (await client.PostOf(post)).GetProperty("commentCount").GetInt32();

    public static List<JsonElement> Rows(this JsonElement page) => [.. page.GetProperty("data").EnumerateArray()];

    public static List<Guid> Ids(this JsonElement page) => [.. page.Rows().Select(row => row.Id())];

    public static bool IsNull(this JsonElement thing, string member) => thing.GetProperty(member).ValueKind == JsonValueKind.Null;
}
