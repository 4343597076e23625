using System.Net;
using Quitanda.Files.Stores;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Files;

/// <summary>What a process leaves behind that dies in the middle, and who clears it away.</summary>
public sealed class OrphanTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    /// <summary>Lets time pass and the timer tick, and everything be done that follows from it.</summary>
    internal static async Task Collect(QuitandaApp app, TimeSpan after)
    {
        await app.RunJobs();
        app.Clock.Advance(after);
        var now = app.Clock.GetUtcNow();
        await app.WithDb(db =>
        {
            db.Schedule("files.collect-orphans", new Tick(now), now);
            return Task.FromResult(true);
        });
        await app.RunJobs();
        Assert.Null(await app.Scalar<string>($"select last_error from platform.jobs where last_error is not null limit 1"));
    }

    [Fact]
    public async Task An_upload_that_nobody_completes_ends_after_an_hour_with_its_bytes()
    {
        var owner = await app.Insert();
        // A token is good for less than an hour.
        HttpClient Customer() => app.As(owner);
        var announced = await (await Customer().Post($"{Uploading.Path}/presign", new { name = "a.png", contentType = "image/png", size = Samples.Png().Length })).Body(HttpStatusCode.Created);
        var id = announced.GetProperty("file").Id();
        var key = (await app.Scalar<string>($"select object_key from files.files where id = {id}"))!;
        Assert.Equal(HttpStatusCode.NoContent, (await DirectUploadTests.Put(app.Guest, announced.GetProperty("upload"), Samples.Png())).StatusCode);

        await Collect(app, TimeSpan.FromMinutes(50));
        Assert.Equal(HttpStatusCode.OK, (await Customer().Get($"{Uploading.Path}/{id}")).StatusCode);
        Assert.Contains(app.Objects(), path => path.EndsWith(key, StringComparison.Ordinal));
        await Collect(app, TimeSpan.FromMinutes(20));
        Assert.Equal(HttpStatusCode.NotFound, (await Customer().Get($"{Uploading.Path}/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Customer().Post($"{Uploading.Path}/{id}/complete")).StatusCode);
        Assert.DoesNotContain(app.Objects(), path => path.EndsWith(key, StringComparison.Ordinal));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from files.files where id = {id}"));
    }

    [Fact]
    public async Task Objects_that_no_row_names_are_collected_finished_or_not_and_others_stay()
    {
        var kept = await (await app.Customer()).Uploaded(Samples.Png(), visibility: "public");
        var lost = ObjectKey.New(app.Clock.GetUtcNow());
        var half = ObjectKey.New(app.Clock.GetUtcNow());
        var folder = Directory.CreateDirectory(Path.Combine(app.Folder, "objects", lost.ToString().Split('/')[0])).FullName;
        await File.WriteAllBytesAsync(Path.Combine(folder, $"{lost.Id:N}"), Samples.Png(), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(folder, $"{half.Id:N}.part"), Samples.Png()[..9], TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "somebody-elses"), "", TestContext.Current.CancellationToken);

        await Collect(app, TimeSpan.FromMinutes(30));
        Assert.Equal(2, app.Objects().Count(path => path.Contains($"{lost.Id:N}", StringComparison.Ordinal) || path.Contains($"{half.Id:N}", StringComparison.Ordinal)));
        await Collect(app, TimeSpan.FromMinutes(40));

        Assert.DoesNotContain(app.Objects(), path => path.Contains($"{lost.Id:N}", StringComparison.Ordinal) || path.Contains($"{half.Id:N}", StringComparison.Ordinal));
        Assert.Contains(app.Objects(), path => path.EndsWith("somebody-elses", StringComparison.Ordinal));
        Assert.Equal(Samples.Png(), await (await app.Guest.Fetch(kept.Text("url"))).Bytes());
    }

    [Fact]
    public async Task A_file_that_nothing_shows_stays()
    {
        var owner = await app.Insert();
        var file = await app.As(owner).Uploaded(Samples.Png());
        await Collect(app, TimeSpan.FromDays(3));

        Assert.Equal(Samples.Png(), await (await app.As(owner).Fetch(file.ContentOf())).Bytes());
    }

    [Fact]
    public void A_key_says_when_it_was_begun_and_only_keys_of_ours_are_read_as_such()
    {
        var key = ObjectKey.New(app.Clock.GetUtcNow());

        Assert.Equal(key, ObjectKey.Parse(key.ToString()));
        Assert.Equal(app.Clock.GetUtcNow().ToUnixTimeMilliseconds(), key.BegunAt.ToUnixTimeMilliseconds());
        foreach (var wrong in (string[])["", "/", "a", $"{key.Id:N}", $"2020-01-01/{key.Id:N}", $"../{key}", $"{key}.part", $"{key.ToString().ToUpperInvariant()}", $"2026-03-04/{Guid.Empty:N}", $"2026-03-04/{new string('f', 32)}"])
            Assert.False(ObjectKey.TryParse(wrong, out _), wrong);
    }
}
