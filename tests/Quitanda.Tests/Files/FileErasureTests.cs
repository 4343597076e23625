using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Users;
using Quitanda.Files;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Files;

/// <summary>What becomes of somebody's files when they are erased.</summary>
public sealed class FileErasureTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_somebody_sent_goes_with_them_rows_first_and_bytes_after()
    {
        var (person, other) = (await app.Insert(), await app.Insert());
        var (client, staff) = (app.As(person), await app.Staff());
        var kept = await app.As(other).Uploaded(Samples.Png());
        JsonElement[] ready = [await client.Uploaded(Samples.Png()), await client.Uploaded(Samples.Pdf(), name: "recibo.pdf"), await client.Uploaded(Samples.Gif(), visibility: "public")];
        var announced = await (await client.Post($"{Uploading.Path}/presign", new { name = "a.png", contentType = "image/png", size = Samples.Png().Length })).Body(HttpStatusCode.Created);
        Assert.Equal(HttpStatusCode.NoContent, (await DirectUploadTests.Put(app.Guest, announced.GetProperty("upload"), Samples.Png())).StatusCode);
        var link = await client.LinkTo(ready[0]);
        var objects = await app.WithDb(db => db.Read($"select object_key from files.files where owner_id = {person.Id}", row => row.GetString(0), Ct));

        await Erase(person.Id);

        Assert.Equal(0, await RowsOf(person));
        foreach (var file in ready)
            Assert.Equal(HttpStatusCode.NotFound, (await staff.Get($"{Uploading.Path}/{file.Id()}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Guest.Fetch(link)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.Post($"{Uploading.Path}/{announced.GetProperty("file").Id()}/complete")).StatusCode);
        Assert.Equal(4, app.Objects().Count(IsTheirs));
        await app.RunJobs();
        Assert.DoesNotContain(app.Objects(), IsTheirs);
        Assert.Equal(Samples.Png(), await (await app.As(other).Fetch(kept.ContentOf())).Bytes());

        bool IsTheirs(string path) => objects.Exists(key => path.EndsWith(key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_image_that_the_shop_shows_stays_without_who_sent_it_until_nothing_shows_it()
    {
        var (leaver, colleague) = (await app.Insert(Roles.Staff | Roles.Customer), await app.Insert(Roles.Staff | Roles.Customer));
        var client = app.As(leaver);
        var shown = await client.Uploaded(Samples.Png(), visibility: "public", name: "Foto da Zulmira.PNG");
        var (unshown, secret) = (await client.Uploaded(Samples.Gif(), visibility: "public"), await client.Uploaded(Samples.Png()));
        var product = (await ProductImageTests.AddProduct(app.As(colleague), [shown.Id()])).Id();

        await Erase(leaver.Id);
        await OrphanTests.Collect(app, TimeSpan.FromDays(1));

        var left = await (await app.As(colleague).Get($"{Uploading.Path}/{shown.Id()}")).Body();
        Assert.Equal((JsonValueKind.Null, "image.png"), (left.GetProperty("ownerId").ValueKind, left.Text("name")));
        var fetched = await app.Guest.Fetch(shown.Text("url"));
        Assert.Equal(Samples.Png(), await fetched.Bytes());
        Assert.Equal("image.png", fetched.Content.Headers.ContentDisposition!.FileName);
        Assert.Equal(1, await app.Scalar<long>($"select count(*) from files.files where id = any({(Guid[])[shown.Id(), unshown.Id(), secret.Id()]})"));
        Assert.Equal("file_in_use", await (await app.As(colleague).Delete($"{Uploading.Path}/{shown.Id()}")).Refusal(HttpStatusCode.Conflict));

        await (await app.As(colleague).Patch($"/api/v1/products/{product}", """{"imageFileIds":null}""")).Body();
        await OrphanTests.Collect(app, TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.NotFound, (await app.Guest.Fetch(shown.Text("url"))).StatusCode);
        Assert.DoesNotContain(app.Objects(), path => path.Contains($"{shown.Id():N}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_on_its_way_meanwhile_goes_two_hours_later()
    {
        var person = await app.Insert();
        await Erase(person.Id);
        await Erase(person.Id);
        // As an upload that had begun before leaves it.
        var late = (await (await app.Customer()).Uploaded(Samples.Png())).Id();
        await app.Execute($"update files.files set owner_id = {person.Id} where id = {late}");
        await app.RunJobs();
        Assert.Equal(1, await RowsOf(person));

        Assert.Contains(app.Objects(), path => path.Contains($"{late:N}", StringComparison.Ordinal));
        app.Clock.Advance(TimeSpan.FromHours(2));
        await app.RunJobs();
        Assert.Equal(0, await RowsOf(person));
        Assert.DoesNotContain(app.Objects(), path => path.Contains($"{late:N}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_erasure_that_is_undone_leaves_every_file()
    {
        var person = await app.Insert();
        var file = await app.As(person).Uploaded(Samples.Png());
        await Assert.ThrowsAsync<InvalidOperationException>(() => app.InScope<bool>(async provider =>
        {
            await provider.GetRequiredService<Erasure>().Erase(person.Id, Ct);
            await provider.GetRequiredService<Db>().Flush(Ct);
            throw new InvalidOperationException("as in a crash");
        }));
        await app.RunJobs();

        Assert.Equal(Samples.Png(), await (await app.As(person).Fetch(file.ContentOf())).Bytes());
    }

    [Fact]
    public async Task An_image_that_begins_to_be_shown_meanwhile_stays_and_one_that_is_gone_is_not_shown()
    {
        var (leaver, colleague) = (await app.Insert(Roles.Staff), app.As(await app.Insert(Roles.Staff)));
        var (first, second) = (await app.As(leaver).Uploaded(Samples.Png(), visibility: "public"), await app.As(leaver).Uploaded(Samples.Gif(), visibility: "public"));

        Task? erasing = null;
        await app.InScope(async provider =>
        {
            await provider.GetRequiredService<IFiles>().Show("product", Guid.CreateVersion7(), [first.Id()], Ct);
            erasing = Erase(leaver.Id);
            await app.UntilOneWaits();
            return true;
        });
        await erasing!;
        Assert.Equal(Samples.Png(), await (await app.Guest.Fetch(first.Text("url"))).Bytes());
        Assert.Equal(HttpStatusCode.NotFound, (await app.Guest.Fetch(second.Text("url"))).StatusCode);

        leaver = await app.Insert(Roles.Staff);
        var late = await app.As(leaver).Uploaded(Samples.Gif(), visibility: "public");
        Task<HttpResponseMessage>? showing = null;
        var product = (await ProductImageTests.AddProduct(colleague, [])).Id();
        await app.InScope(async provider =>
        {
            await provider.GetRequiredService<Erasure>().Erase(leaver.Id, Ct);
            showing = colleague.Patch($"/api/v1/products/{product}", new { imageFileIds = new[] { late.Id() } });
            await app.UntilOneWaits();
            return true;
        });
        Assert.Equal("unusable_file", await (await showing!).Refusal(HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task An_export_has_every_file_of_its_person_and_nobody_elses()
    {
        var person = await app.Insert();
        var file = await app.As(person).Uploaded(Samples.Png());
        await (await app.Customer()).Uploaded(Samples.Png());
        await app.Execute($"""
            insert into files.files (id, owner_id, is_of_staff, state, visibility, content_type, size, name, object_key, is_direct, sha256, width, height, created_at, updated_at)
            select gen_random_uuid(), owner_id, is_of_staff, state, visibility, content_type, size, name, object_key || '-' || n, is_direct, sha256, width, height, created_at, updated_at
            from files.files, generate_series(1, 1000) n where id = {file.Id()}
            """);

        var exported = await app.InScope(async provider =>
        {
            List<JsonElement> files = [];
            await foreach (var one in provider.GetServices<IPersonalData>().Single(data => data.Name == "files").Export(provider.GetRequiredService<Db>(), person.Id, Ct))
                files.Add(JsonSerializer.SerializeToElement(one, Wire.Json));
            return files;
        });

        Assert.Equal(1001, exported.Select(one => one.Id()).Distinct().Count());
        Assert.All(exported, one => Assert.Equal(person.Id, one.GetProperty("ownerId").GetGuid()));
        Assert.Equal(file.GetRawText(), exported.Single(one => one.Id() == file.Id()).GetRawText());
    }

    [Fact]
    public async Task Somebodys_own_thing_shows_only_a_public_image_that_they_sent_themselves()
    {
        var person = await app.Insert();
        var client = app.As(person);
        var (first, second) = (await client.Uploaded(Samples.Png(), visibility: "public"), await client.Uploaded(Samples.Gif(), visibility: "public"));
        foreach (var unfit in (Guid[])[
            (await client.Uploaded(Samples.Png())).Id(), (await client.Uploaded(Samples.Pdf(), visibility: "public")).Id(),
            (await (await app.Staff()).Uploaded(Samples.Png(), visibility: "public")).Id(), Guid.CreateVersion7()])
            Assert.Equal("unusable_file", (await Assert.ThrowsAsync<RefusedException>(() => ShowOwn(unfit))).Code);

        Assert.Equal(first.Id(), (await ShowOwn(first.Id()))!.Id);
        Assert.Equal("file_in_use", await (await client.Delete($"{Uploading.Path}/{first.Id()}")).Refusal(HttpStatusCode.Conflict));
        Assert.Equal(second.Id(), (await ShowOwn(second.Id()))!.Id);
        Assert.Equal(HttpStatusCode.NoContent, (await client.Delete($"{Uploading.Path}/{first.Id()}")).StatusCode);
        Assert.Null(await ShowOwn(null));
        Assert.Equal(HttpStatusCode.NoContent, (await client.Delete($"{Uploading.Path}/{second.Id()}")).StatusCode);

        Task<ShownImage?> ShowOwn(Guid? file) => app.InScope(provider => provider.GetRequiredService<IFiles>().ShowOwn("avatar", person.Id, person.Id, file, Ct));
    }

    private Task<long> RowsOf(User person) => app.Scalar<long>($"select count(*) from files.files where owner_id = {person.Id}");

    private Task<bool> Erase(Guid person) => app.InScope(async provider =>
    {
        await provider.GetRequiredService<Erasure>().Erase(person, Ct);
        return true;
    });
}
