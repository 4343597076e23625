using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts;
using Quitanda.Booking;
using Quitanda.Content;
using Quitanda.Ordering;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Notifications.Events;

/// <summary>A kind of event that other systems are told of. What it carries are ids, statuses and amounts: who may know more asks the API with them.</summary>
/// <param name="Name">Stable, <c>thing.what_happened</c>. Clients compare it: never rename one.</param>
/// <param name="Description">When it happens.</param>
/// <param name="Example">What its data looks like. A member is only ever added.</param>
internal sealed record EventType(string Name, string Description, JsonElement Example)
{
    /// <summary>What <c>POST /webhook-endpoints/{id}/test</c> sends.</summary>
    public const string Test = "webhook.test";

    private const string AnId = "0198a5b2-7c1e-7d3a-9f60-2b8e4c1d5a77";

    private static readonly Guid Some = Guid.Parse(AnId);
    private static readonly Money Amount = new(1290, "BRL");

    /// <summary>What happens in the house and is told, each with what it becomes. Nothing in them is about a person but their id.</summary>
    private static readonly IHappening[] Happenings =
    [
        Happening<OrderPlaced>.Of("order.placed", "An order exists, and its stock is taken. An online one is still to be paid.",
            new(Some, 1042, Some, Amount), placed => new { placed.OrderId, placed.Number, placed.CustomerId, placed.Total }),
        Happening<OrderStatusChanged>.Of("order.status_changed", "An order has another status.",
            new(Some, 1042, Some, "confirmed"), changed => new { changed.OrderId, changed.Number, changed.CustomerId, changed.Status }),
        Happening<PaymentSucceeded>.Of("payment.succeeded", "A payment was made.",
            new(Some, "order", Some, Amount), paid => new { paid.PaymentId, paid.Kind, paid.PayableId, paid.Amount }),
        Happening<PaymentFailed>.Of("payment.failed", "A payment did not come about.",
            new(Some, "order", Some, "card_declined"), failed => new { failed.PaymentId, failed.Kind, failed.PayableId, failed.FailureCode }),
        Happening<PaymentRefunded>.Of("payment.refunded", "Money of a payment went back: all of it, or a part.",
            new(Some, "order", Some, Amount, IsWhole: true, Some), back => new { back.PaymentId, back.Kind, back.PayableId, back.Amount, back.IsWhole, back.RefundId }),
        Happening<PaymentDisputed>.Of("payment.disputed", "A payer disputes a payment, or a dispute moved on.",
            new(Some, "order", Some, Amount, "open"), disputed => new { disputed.PaymentId, disputed.Kind, disputed.PayableId, disputed.Amount, disputed.Dispute }),
        Happening<RefundFailed>.Of("refund.failed", "Money that was to go back did not.",
            new(Some, Some, Amount, "expired_or_canceled_card"), failed => new { failed.RefundId, failed.PaymentId, failed.Amount, failed.FailureCode }),
        Happening<BookingMade>.Of("booking.made", "A booking exists.",
            new(Some, Some, Some, Some, "pending"), made => new { made.BookingId, made.ListingId, made.OwnerId, made.RenterId, made.Status }),
        Happening<BookingStatusChanged>.Of("booking.status_changed", "A booking has another status, or other days.",
            new(Some, Some, Some, Some, "confirmed"), changed => new { changed.BookingId, changed.ListingId, changed.OwnerId, changed.RenterId, changed.Status }),
        Happening<PostPublished>.Of("post.published", "A post can be read by everybody for the first time.", new(Some, Some), published => new { published.PostId, published.AuthorId }),
        Happening<CommentPosted>.Of("comment.posted", "A comment can be read by everybody for the first time.",
            new(Some, Some, Some, Some, Some), posted => new { posted.CommentId, posted.PostId, posted.AuthorId, posted.PostAuthorId, posted.ParentAuthorId }),
        Happening<CommentHidden>.Of("comment.hidden", "A moderator hid a comment.", new(Some, Some, Some), hidden => new { hidden.CommentId, hidden.PostId, hidden.AuthorId }),
        // The address and the name stay here.
        Happening<UserRegistered>.Of("user.registered", "Somebody signed up.", new(Some), registered => new { registered.UserId }),
    ];

    /// <summary>Every type, by name.</summary>
    public static readonly IReadOnlyList<EventType> All =
        [.. Happenings.Select(happening => happening.Type).Append(new(Test, "An admin tries an endpoint out. It goes to that endpoint alone, whatever it asked for.", Data(new { EndpointId = Some }))).OrderBy(type => type.Name, StringComparer.Ordinal)];

    /// <summary>What an endpoint may ask for: everything, everything of a thing, or one type.</summary>
    public static readonly IReadOnlyList<string> Patterns = ["*", .. All.Select(type => $"{ThingOf(type.Name)}.*").Distinct(StringComparer.Ordinal), .. All.Select(type => type.Name)];

    /// <summary>The patterns that ask for a type.</summary>
    public static string[] PatternsFor(string name) => ["*", $"{ThingOf(name)}.*", name];

    /// <summary>Whether there is a type of that name.</summary>
    public static bool IsOne(string name) => All.Any(type => type.Name == name);

    /// <summary>What is told of a message that a module published.</summary>
    public static (string Name, JsonElement Data) Of<T>(T message) where T : notnull
    {
        var happening = Happenings.OfType<Happening<T>>().Single();
        return (happening.Type.Name, happening.Told(message));
    }

    /// <summary>Has every such message recorded.</summary>
    public static void Subscribe(IServiceCollection services)
    {
        foreach (var happening in Happenings)
            happening.Subscribe(services);
    }

    private static string ThingOf(string name) => name[..name.IndexOf('.', StringComparison.Ordinal)];

    private static JsonElement Data(object told) => JsonSerializer.SerializeToElement(told, Wire.Json);

    private interface IHappening
    {
        EventType Type { get; }

        void Subscribe(IServiceCollection services);
    }

    private sealed record Happening<T>(EventType Type, Func<T, JsonElement> Told) : IHappening where T : notnull
    {
        public static Happening<T> Of(string name, string description, T example, Func<T, object> told) => new(new(name, description, Data(told(example))), message => Data(told(message)));

        // The job's kind is stored, as the type is: neither is ever renamed.
        public void Subscribe(IServiceCollection services) => services.Subscribe<T, RecordEvent<T>>($"notifications.record-{Type.Name.Replace('.', '-').Replace('_', '-')}");
    }
}
