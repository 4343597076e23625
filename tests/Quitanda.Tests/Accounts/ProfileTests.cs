using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;
using Quitanda.Tests.Catalog;
using Quitanda.Tests.Files;

namespace Quitanda.Tests.Accounts;

/// <summary>What somebody tells of themselves.</summary>
public sealed class ProfileTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private const string Path = "/api/v1/users/me/profile";

    [Fact]
    public async Task A_profile_is_empty_until_it_is_written_and_then_what_was_written_last()
    {
        var (client, other) = (app.As(await app.Insert()), app.As(await app.Insert()));
        var empty = (await (await client.Get(Path)).Body()).GetRawText();
        Assert.Equal("""{"bio":null,"website":null,"location":null,"dateOfBirth":null}""", empty);

        const string Whole = """{"bio":"Faço coxinha.\nDesde 1987.","website":"https://exemplo.test/ana","location":"Recife","dateOfBirth":"1987-02-28"}""";
        Assert.Equal(Whole, (await (await client.Send(HttpMethod.Put, Path, Whole)).Body()).GetRawText());
        Assert.Equal(Whole, (await (await client.Get(Path)).Body()).GetRawText());
        Assert.Equal(empty, (await (await other.Get(Path)).Body()).GetRawText());

        var less = await (await client.Send(HttpMethod.Put, Path, """{"location":"Olinda"}""")).Body();
        Assert.Equal("""{"bio":null,"website":null,"location":"Olinda","dateOfBirth":null}""", less.GetRawText());
    }

    [Theory]
    [InlineData("""{"bio":""}""", "validation_failed")]
    [InlineData("""{"website":"javascript:alert(1)"}""", "validation_failed")]
    [InlineData("""{"website":"exemplo.test"}""", "validation_failed")]
    [InlineData("""{"location":"Rua\nAvenida"}""", "validation_failed")]
    [InlineData("""{"dateOfBirth":"2026-03-06"}""", "validation_failed")]
    [InlineData("""{"dateOfBirth":"1896-03-03"}""", "validation_failed")]
    [InlineData("""{"dateOfBirth":"1987-02-29"}""", "validation_failed")]
    [InlineData("""{"userId":"00000000-0000-0000-0000-000000000000"}""", "unknown_field")]
    public async Task What_is_no_profile_is_refused(string body, string code)
    {
        var user = await app.Insert();
        Assert.Equal(code, await (await app.As(user).Send(HttpMethod.Put, Path, body)).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from accounts.profiles where user_id = {user.Id}"));
    }

    [Fact]
    public async Task An_avatar_is_a_public_image_of_ones_own_and_cannot_be_deleted_while_it_is_shown()
    {
        var client = app.As(await app.Insert());
        var (first, second) = (await client.Uploaded(Samples.Png(), visibility: "public"), await client.Uploaded(Samples.Gif(), visibility: "public"));
        foreach (var unfit in (Guid[])[
            (await client.Uploaded(Samples.Png())).Id(), (await client.Uploaded(Samples.Pdf(), visibility: "public")).Id(),
            (await (await app.Customer()).Uploaded(Samples.Png(), visibility: "public")).Id(), Guid.CreateVersion7()])
            Assert.Equal("unusable_file", await (await Show(unfit)).Refusal(HttpStatusCode.Conflict));
        Assert.Equal(JsonValueKind.Null, (await (await client.Get("/api/v1/users/me")).Body()).GetProperty("avatarFileId").ValueKind);

        Assert.Equal(first.Id(), (await (await Show(first.Id())).Body()).GetProperty("avatarFileId").GetGuid());
        Assert.Equal("file_in_use", await (await client.Delete($"{Uploading.Path}/{first.Id()}")).Refusal(HttpStatusCode.Conflict));
        // A change of something else leaves it.
        Assert.Equal(first.Id(), (await (await client.Patch("/api/v1/users/me", new { firstName = "Ana" })).Body()).GetProperty("avatarFileId").GetGuid());
        Assert.Equal(second.Id(), (await (await Show(second.Id())).Body()).GetProperty("avatarFileId").GetGuid());
        Assert.Equal(HttpStatusCode.NoContent, (await client.Delete($"{Uploading.Path}/{first.Id()}")).StatusCode);
        Assert.Equal(JsonValueKind.Null, (await (await Show(null)).Body()).GetProperty("avatarFileId").ValueKind);
        Assert.Equal(HttpStatusCode.NoContent, (await client.Delete($"{Uploading.Path}/{second.Id()}")).StatusCode);

        Task<HttpResponseMessage> Show(Guid? file) => client.Send(HttpMethod.Patch, "/api/v1/users/me", JsonSerializer.Serialize(new { avatarFileId = file }));
    }

    [Fact]
    public async Task Whoever_is_erased_while_they_write_leaves_nothing()
    {
        Assert.Equal("not_found", await (await Late(client => client.Send(HttpMethod.Put, Path, """{"bio":"Ainda aqui"}"""))).Refusal(HttpStatusCode.NotFound));
        Assert.Equal("not_found", await (await Late(client => client.Patch("/api/v1/users/me", """{"avatarFileId":null}"""))).Refusal(HttpStatusCode.NotFound));
        Assert.Equal("unauthenticated", await (await Late(client => client.Post("/api/v1/users/me/addresses", Things.NewAddress()))).Refusal(HttpStatusCode.Unauthorized));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from accounts.profiles p where not exists (select from accounts.users u where u.id = p.user_id)"));

        async Task<HttpResponseMessage> Late(Func<HttpClient, Task<HttpResponseMessage>> write)
        {
            var user = await app.Insert();
            Task<HttpResponseMessage>? late = null;
            await app.InScope(async provider =>
            {
                await provider.GetRequiredService<Erasure>().Erase(user.Id, TestContext.Current.CancellationToken);
                late = write(app.As(user));
                await app.UntilOneWaits();
                return true;
            });
            return await late!;
        }
    }
}
