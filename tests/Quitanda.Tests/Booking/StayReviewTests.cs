using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;
using Quitanda.Tests.Reviews;

namespace Quitanda.Tests.Booking;

/// <summary>What the two sides of a stay say of each other, and when it is read.</summary>
public sealed class StayReviewTests(StayReviewsApp shared) : StayReviewing(shared), IClassFixture<StayReviewsApp>
{
    private const string Mine = "/api/v1/reviews/mine";

    [Fact]
    public async Task Nobody_reads_the_others_before_both_have_spoken_and_nobody_speaks_again()
    {
        // Also a moderator has to wait for what is said of their own.
        var (owner, renter, stranger, moderator) = (new Party(App, await App.Insert(Roles.Customer | Roles.Owner | Roles.Moderator)), await App.Renter(), await App.Owner(), await Moderator());
        var listing = await App.Listing(owner.Id);
        var day = DateOnly.FromDateTime(App.Clock.GetUtcNow().UtcDateTime).AddDays(3);
        var booking = (await App.Confirmed(renter.Client, listing, day, day)).Id();
        Assert.Equal("not_stayed", await (await renter.Client.Post(Of(listing), new { rating = 5 })).Refusal(HttpStatusCode.Conflict));
        foreach (var side in (Party[])[owner, renter])
            Assert.Equal("not_stayed", await (await side.Client.Post(Of(booking), new { rating = 5 })).Refusal(HttpStatusCode.Conflict));

        await App.Later(TimeSpan.FromDays(6));
        var over = (await renter.Client.Booking(booking)).GetProperty("completedAt").GetDateTimeOffset();
        Assert.Equal("not_stayed", await (await stranger.Client.Post(Of(listing), new { rating = 1 })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("not_stayed", await (await stranger.Client.Post(Of(listing), new { rating = 1, bookingId = booking })).Refusal(HttpStatusCode.Conflict));
        await (await stranger.Client.Post(Of(booking), new { rating = 1 })).Refusal(HttpStatusCode.NotFound);
        await (await renter.Client.Post(Of(await App.Listing(owner.Id)), new { rating = 1, bookingId = booking })).Refusal(HttpStatusCode.Conflict);
        await (await App.Guest.Post(Of(listing), new { rating = 1 })).Refusal(HttpStatusCode.Unauthorized);

        var said = await (await renter.Client.Post(Of(listing), new { rating = 4, comment = " Lindo, e frio. " })).Body(HttpStatusCode.Created);
        Assert.Equal(("listing", listing.Id, booking, over.AddDays(14), "Lindo, e frio."),
            (said.GetProperty("subject").Text("kind"), said.GetProperty("subject").Id(), said.GetProperty("bookingId").GetGuid(), said.GetProperty("opensAt").GetDateTimeOffset(), said.Text("comment")));
        await App.RunJobs();
        foreach (var reader in (HttpClient[])[App.Guest, owner.Client, stranger.Client])
        {
            await (await reader.Get(said.Path())).Refusal(HttpStatusCode.NotFound);
            Assert.Empty(await reader.Reviews(Of(listing)));
        }

        Assert.DoesNotContain(said.Id(), (await owner.Client.Reviews("/api/v1/reviews?limit=100")).Select(review => review.Id()));
        await (await owner.Client.Post(said.Path() + "/hide")).Refusal(HttpStatusCode.NotFound);
        await (await owner.Client.Post(said.Path() + "/reply", new { text = "Obrigada." })).Refusal(HttpStatusCode.NotFound);
        Assert.Contains(said.Id(), (await moderator.Client.Reviews($"/api/v1/reviews?listingId={listing.Id}")).Select(review => review.Id()));
        Assert.Equal(said.Id(), Assert.Single(await renter.Client.Reviews($"{Mine}?bookingId={booking}")).Id());
        Assert.Equal((null, 0), await RatingOf(listing));

        var back = await (await owner.Client.Post(Of(booking), new { rating = 5, comment = "Cuidadoso." })).Body(HttpStatusCode.Created);
        Assert.False(back.TryGetProperty("opensAt", out _));
        Assert.Equal(("renter", renter.Id), (back.GetProperty("subject").Text("kind"), back.GetProperty("subject").Id()));
        await App.RunJobs();
        var shown = Assert.Single(await App.Guest.Reviews(Of(listing)));
        Assert.Equal((said.Id(), "author comment createdAt id isHidden rating subject updatedAt"), (shown.Id(), string.Join(' ', shown.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal))));
        Assert.Equal(shown.GetRawText(), (await (await App.Guest.Get(said.Path())).Body()).GetRawText());
        Assert.Equal((4.0m, 1), await RatingOf(listing));
        // What is said of a renter is theirs to read, and of whoever they ask next.
        Assert.Equal("Cuidadoso.", (await (await renter.Client.Get(back.Path())).Body()).Text("comment"));
        foreach (var nobody in (HttpClient[])[App.Guest, stranger.Client])
            await (await nobody.Get(back.Path())).Refusal(HttpStatusCode.NotFound);
        await (await stranger.Client.Get(About(renter))).Refusal(HttpStatusCode.NotFound);
        await (await App.Guest.Get(About(renter))).Refusal(HttpStatusCode.Unauthorized);
        var asked = await renter.Client.Booked(await App.Listing(stranger.Id, instant: false), day.AddDays(30), day.AddDays(30));
        foreach (var reader in (HttpClient[])[stranger.Client, owner.Client, renter.Client, moderator.Client])
            Assert.Equal(back.Id(), Assert.Single(await reader.Reviews(About(renter))).Id());
        await (await renter.Client.Post($"{Rentals.Bookings}/{asked.Id()}/cancel")).Body();
        await (await stranger.Client.Get(About(renter))).Refusal(HttpStatusCode.NotFound);

        // Once, and for good: nobody answers what they have read with other stars.
        var again = await (await renter.Client.Post(Of(booking), new { rating = 1 })).Body(HttpStatusCode.Conflict);
        Assert.Equal(("already_reviewed", said.Id()), (again.Text("code"), again.GetProperty("reviewId").GetGuid()));
        Assert.Equal("review_closed", await (await renter.Client.Patch(said.Path(), new { rating = 1 })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal(HttpStatusCode.NoContent, (await renter.Client.Delete(said.Path())).StatusCode);
        Assert.Equal("already_reviewed", await (await renter.Client.Post(Of(listing), new { rating = 1 })).Refusal(HttpStatusCode.Conflict));
        await App.RunJobs();
        Assert.Empty(await App.Guest.Reviews(Of(listing)));
        Assert.Equal((null, 0), await RatingOf(listing));
        Assert.Single(await renter.Client.Reviews(About(renter)));
    }

    [Fact]
    public async Task After_fourteen_days_what_one_side_said_is_shown_and_nobody_says_more()
    {
        var (owner, renter) = (await App.Owner(), await App.Renter());
        var listing = await App.Listing(owner.Id);
        var (first, second, silent) = (await Stayed(listing, renter.Id, hoursAgo: 2), await Stayed(listing, renter.Id, hoursAgo: 1), await Stayed(listing, renter.Id, hoursAgo: 400));

        // Without a booking it is of the latest, and then of the one before.
        var latest = await Say(renter, Of(listing), 2);
        var before = await Say(renter, Of(listing), 1);
        Assert.Equal((second, first), (latest.GetProperty("bookingId").GetGuid(), before.GetProperty("bookingId").GetGuid()));
        Assert.Equal("already_reviewed", await (await renter.Client.Post(Of(listing), new { rating = 3 })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("review_closed", await (await renter.Client.Post(Of(silent), new { rating = 3 })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("review_closed", await (await owner.Client.Post(Of(silent), new { rating = 3 })).Refusal(HttpStatusCode.Conflict));

        // As long as nobody has read it, it is its author's to change, and to take back.
        await App.Later(TimeSpan.FromDays(13));
        Assert.Equal(5, (await (await renter.Client.Patch(latest.Path(), new { rating = 5 })).Body()).GetProperty("rating").GetInt32());
        Assert.Equal(HttpStatusCode.NoContent, (await renter.Client.Delete(before.Path())).StatusCode);
        before = await Say(renter, Of(first), 4);
        Assert.Empty(await App.Guest.Reviews(Of(listing)));
        Assert.Equal((null, 0), await RatingOf(listing));

        // The time is over at its instant, whenever it is that somebody sees to it.
        App.Clock.Advance(TimeSpan.FromHours(24));
        Assert.Equal("review_closed", await (await renter.Client.Patch(latest.Path(), new { rating = 1 })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("review_closed", await (await owner.Client.Post(Of(second), new { rating = 1 })).Refusal(HttpStatusCode.Conflict));
        await App.Later(TimeSpan.FromMinutes(2));
        Assert.Equal([before.Id(), latest.Id()], (await App.Guest.Reviews(Of(listing))).Select(review => review.Id()));
        Assert.Equal((4.5m, 2), await RatingOf(listing));
        Assert.Equal([4], (await App.Guest.Reviews($"{Of(listing)}?rating=4")).Select(review => review.GetProperty("rating").GetInt32()));
        Assert.Equal("review_closed", await (await owner.Client.Post(Of(first), new { rating = 1 })).Refusal(HttpStatusCode.Conflict));
        Assert.Empty(await renter.Client.Reviews(About(renter)));
    }

    [Fact]
    public async Task The_owner_of_the_listing_replies_and_may_say_it_differently()
    {
        var (owner, renter, other, moderator) = (await App.Owner(), await App.Renter(), await App.Owner(), await Moderator());
        var listing = await App.Listing(owner.Id);
        var (review, back) = await Both(await Stayed(listing, renter.Id), owner, renter, 2);
        Assert.False(Assert.Single(await App.Guest.Reviews(Of(listing))).TryGetProperty("reply", out _));
        foreach (var nobody in (HttpClient[])[other.Client, renter.Client, moderator.Client])
            await (await nobody.Post(review.Path() + "/reply", new { text = "Não." })).Refusal(HttpStatusCode.NotFound);
        // A renter has no reply to what is said of them.
        await (await renter.Client.Post(back.Path() + "/reply", new { text = "Não." })).Refusal(HttpStatusCode.NotFound);
        foreach (var wrong in (string[])["", "  ", new('a', 2001)])
            Assert.Equal(HttpStatusCode.BadRequest, (await owner.Client.Post(review.Path() + "/reply", new { text = wrong })).StatusCode);

        await (await owner.Client.Post(review.Path() + "/reply", new { text = "Sinto muito." })).Body();
        Assert.Equal("Sinto muito.", Assert.Single(await App.Guest.Reviews(Of(listing))).GetProperty("reply").Text("text"));
        App.Clock.Advance(TimeSpan.FromHours(1));
        await (await owner.Client.Post(review.Path() + "/reply", new { text = " Volte sempre. " })).Body();
        var reply = Assert.Single(await App.Guest.Reviews(Of(listing))).GetProperty("reply");
        Assert.Equal(("Volte sempre.", App.Clock.GetUtcNow(), false), (reply.Text("text"), reply.GetProperty("repliedAt").GetDateTimeOffset(), reply.TryGetProperty("authorId", out _)));
        Assert.Equal(owner.Id, (await (await moderator.Client.Get(review.Path())).Body()).GetProperty("reply").GetProperty("authorId").GetGuid());

        await (await moderator.Client.Post(review.Path() + "/hide", new { reason = "Ofende." })).Body();
        await App.RunJobs();
        Assert.Empty(await App.Guest.Reviews(Of(listing)));
        Assert.Equal((null, 0), await RatingOf(listing));
        await (await owner.Client.Post(review.Path() + "/reply", new { text = "Ainda." })).Refusal(HttpStatusCode.NotFound);
        await (await moderator.Client.Post(review.Path() + "/show")).Body();
        await App.RunJobs();
        Assert.Equal("Volte sempre.", Assert.Single(await App.Guest.Reviews(Of(listing))).GetProperty("reply").Text("text"));
        Assert.Equal((2.0m, 1), await RatingOf(listing));
    }

    [Fact]
    public async Task What_is_hidden_while_it_is_sealed_stays_hidden_when_it_opens()
    {
        var (owner, renter, moderator) = (await App.Owner(), await App.Renter(), await Moderator());
        var listing = await App.Listing(owner.Id);
        var stay = await Stayed(listing, renter.Id);
        var review = await Say(renter, Of(stay), 1);
        await (await moderator.Client.Post(review.Path() + "/hide")).Body();
        await (await moderator.Client.Post(review.Path() + "/show")).Body();
        await App.RunJobs();
        Assert.Empty(await App.Guest.Reviews(Of(listing)));
        Assert.Equal((null, 0), await RatingOf(listing));
        await (await moderator.Client.Post(review.Path() + "/hide")).Body();
        await Say(owner, Of(stay), 5);
        await App.RunJobs();
        Assert.Empty(await App.Guest.Reviews(Of(listing)));
        Assert.Equal((null, 0), await RatingOf(listing));
        await (await moderator.Client.Post(review.Path() + "/show")).Body();
        await App.RunJobs();
        Assert.Single(await App.Guest.Reviews(Of(listing)));
        Assert.Equal((1.0m, 1), await RatingOf(listing));
    }

    [Fact]
    public async Task Both_sides_who_speak_at_once_on_two_processes_open_both_and_no_side_speaks_twice()
    {
        const int Stays = 30;
        await using var other = await App.StartBeside(("Reviews:PostsPerHour", "0"));
        var owner = await App.Owner();
        var listing = await App.Listing(owner.Id);
        var renters = await Task.WhenAll(Enumerable.Range(0, Stays).Select(_ => App.Renter()));
        var stays = new List<Guid>();
        foreach (var renter in renters)
            stays.Add(await Stayed(listing, renter.Id));

        await Task.WhenAll(stays.Zip(renters, async (stay, renter) =>
        {
            var (host, guest) = (owner.Client, renter.Client);
            var posts = await Task.WhenAll(
                guest.Post(Of(listing), new { rating = 4 }), other.ClientFor(guest).Post(Of(stay), new { rating = 2 }),
                other.ClientFor(host).Post(Of(stay), new { rating = 5 }), host.Post(Of(stay), new { rating = 3 }));
            Assert.Single(posts[..2], post => post.StatusCode == HttpStatusCode.Created);
            Assert.Single(posts[2..], post => post.StatusCode == HttpStatusCode.Created);
            foreach (var lost in posts.Where(post => post.StatusCode != HttpStatusCode.Created))
                Assert.Equal("already_reviewed", await lost.Refusal(HttpStatusCode.Conflict));
        }));

        await App.RunJobs();
        Assert.Equal(0, await App.Scalar<long>($"select count(*) from reviews.reviews where stay_id = any({stays.ToArray()}) and sealed_until is not null"));
        Assert.Equal(2 * Stays, await App.Scalar<long>($"select count(*) from reviews.reviews where stay_id = any({stays.ToArray()})"));
        var listed = await App.Guest.Reviews($"{Of(listing)}?limit=100");
        Assert.Equal(Stays, listed.Count);
        Assert.Equal((listed.Sum(review => review.GetProperty("rating").GetInt32()), (long)Stays), await Kept(listing));
    }

    [Fact]
    public async Task Whoever_is_erased_takes_along_what_they_said_and_replied_and_what_was_said_of_them()
    {
        var (owner, renter, other) = (await App.Owner(), await App.Renter(), await App.Renter());
        var listing = await App.Listing(owner.Id);
        var (review, back) = await Both(await Stayed(listing, renter.Id), owner, renter, 1);
        var (stays, _) = await Both(await Stayed(listing, other.Id), owner, other, 5);
        var unsaid = await Stayed(listing, renter.Id);
        foreach (var one in (JsonElement[])[review, stays])
            await (await owner.Client.Post(one.Path() + "/reply", new { text = "Obrigada, viu?" })).Body();
        await App.RunJobs();
        Assert.Equal((3.0m, 2), await RatingOf(listing));
        var export = (await (await renter.Client.Get("/api/v1/users/me/export")).Body()).GetProperty("data").GetProperty("reviews");
        Assert.Equal((2, review.Id(), back.Id()), (export.GetArrayLength(), export[0].GetProperty("review").Id(), export[1].GetProperty("saidOfThem").Id()));
        Assert.Equal(2, (await (await owner.Client.Get("/api/v1/users/me/export")).Body()).GetProperty("data").GetProperty("reviews").EnumerateArray().Count(one => one.TryGetProperty("replied", out var reply) && reply.Text("text") == "Obrigada, viu?"));

        Assert.Equal(HttpStatusCode.NoContent, (await renter.Client.Delete("/api/v1/users/me")).StatusCode);
        await App.RunJobs();
        Assert.Equal(0, await App.Scalar<long>($"select count(*) from reviews.reviews where author_id = {renter.Id} or subject_id = {renter.Id}"));
        Assert.Equal((5.0m, 1), await RatingOf(listing));
        // And nothing more is said of whoever is gone.
        Assert.Equal("review_closed", await (await owner.Client.Post(Of(unsaid), new { rating = 1 })).Refusal(HttpStatusCode.Conflict));

        Assert.Equal(HttpStatusCode.NoContent, (await owner.Client.Delete("/api/v1/users/me")).StatusCode);
        await App.RunJobs();
        Assert.Equal(0, await App.Scalar<long>($"select count(*) from reviews.reviews where author_id = {owner.Id} or reply is not null and counterpart_id = {owner.Id}"));
        Assert.Equal(1, await App.Scalar<long>($"select count(*) from reviews.reviews where id = {stays.Id()}"));
    }
}
