using System.Net;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;
using Quitanda.Tests.Reviews;

namespace Quitanda.Tests.Booking;

/// <summary>What both sides of stays do at random, and what a listing shows of it.</summary>
public sealed class StayReviewWalkTests(StayReviewsApp shared) : StayReviewing(shared), IClassFixture<StayReviewsApp>
{
#pragma warning disable CA5394 // A walk that can be walked again.
    [Fact]
    public async Task A_listing_shows_what_is_read_of_it_whatever_happened_and_in_whichever_order()
    {
        var random = new Random(20260301);
        var (owner, moderator) = (await App.Owner(), await Moderator());
        var listing = await App.Listing(owner.Id);
        var renters = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => App.Renter()));
        var stays = new List<(Guid Id, Party Renter, DateTimeOffset ClosesAt)>();
        // What each side said of each stay, as it ought to be.
        var said = new Dictionary<(Guid Stay, bool IsOwner), Said>();
        for (var step = 0; step < Size.Of(250, 3000); step++)
        {
            await Step(random.Next(100));
            if (step % 10 == 9)
                await Compare();
        }

        async Task Step(int what)
        {
            if (what < 12 || stays.Count == 0)
            {
                var renter = renters[random.Next(renters.Length)];
                stays.Add((await Stayed(listing, renter.Id, hoursAgo: 0), renter, App.Clock.GetUtcNow().AddDays(14)));
                return;
            }

            if (what < 24)
            {
                await App.Later(TimeSpan.FromHours(random.Next(1, 72)));
                foreach (var (key, one) in said.ToList())
                    if (one.IsSealed && stays.Single(stay => stay.Id == key.Stay).ClosesAt <= App.Clock.GetUtcNow())
                        said[key] = one with { IsSealed = false };
                return;
            }

            var (stay, side, closesAt) = stays[Math.Max(0, stays.Count - 1 - random.Next(8))];
            var isOwner = random.Next(2) == 0;
            var author = isOwner ? owner : side;
            var (known, other) = (said.GetValueOrDefault((stay, isOwner)), said.GetValueOrDefault((stay, !isOwner)));
            var rating = random.Next(1, 6);
            var isOver = closesAt <= App.Clock.GetUtcNow();
            switch (what)
            {
                case < 60:
                    var posted = await author.Client.Post(Of(stay), new { rating });
                    if (known is not null)
                        Assert.Equal("already_reviewed", await posted.Refusal(HttpStatusCode.Conflict));
                    else if (isOver || other is { IsSealed: false })
                        Assert.Equal("review_closed", await posted.Refusal(HttpStatusCode.Conflict));
                    else
                    {
                        said[(stay, isOwner)] = new((await posted.Body(HttpStatusCode.Created)).Id(), rating, IsSealed: other is null);
                        if (other is not null)
                            said[(stay, !isOwner)] = other with { IsSealed = false };
                    }

                    break;
                case < 72 when known is not null:
                    var changed = await author.Client.Patch($"/api/v1/reviews/{known.Id}", new { rating });
                    Assert.Equal(known.IsGone ? HttpStatusCode.NotFound : known.IsSealed ? HttpStatusCode.OK : HttpStatusCode.Conflict, changed.StatusCode);
                    if (changed.StatusCode == HttpStatusCode.OK)
                        said[(stay, isOwner)] = known with { Rating = rating };
                    break;
                case < 84 when known is not null:
                    var deleted = await author.Client.Delete($"/api/v1/reviews/{known.Id}");
                    Assert.Equal(known.IsGone ? HttpStatusCode.NotFound : HttpStatusCode.NoContent, deleted.StatusCode);
                    if (known is { IsSealed: true, IsHidden: false, IsGone: false })
                        said.Remove((stay, isOwner));
                    else
                        said[(stay, isOwner)] = known with { IsGone = true };
                    break;
                case >= 84 when known is not null:
                    var isHidden = random.Next(2) == 0;
                    var looked = await moderator.Client.Post($"/api/v1/reviews/{known.Id}/{(isHidden ? "hide" : "show")}");
                    Assert.Equal(known.IsGone ? HttpStatusCode.NotFound : HttpStatusCode.OK, looked.StatusCode);
                    if (!known.IsGone)
                        said[(stay, isOwner)] = known with { IsHidden = isHidden };
                    break;
            }
        }

        async Task Compare()
        {
            await App.RunJobs();
            var shown = said.Where(one => !one.Key.IsOwner && one.Value is { IsSealed: false, IsHidden: false, IsGone: false }).Select(one => one.Value).ToList();
            Assert.Equal((shown.Sum(one => one.Rating), (long)shown.Count), await Kept(listing));
            Assert.Equal(shown.Select(one => one.Id).Order().Take(100), (await App.Guest.Reviews($"{Of(listing)}?limit=100")).Select(review => review.Id()).Order());
        }
    }
#pragma warning restore CA5394

    /// <summary>A review as it ought to be.</summary>
    private sealed record Said(Guid Id, int Rating, bool IsSealed, bool IsHidden = false, bool IsGone = false);
}
