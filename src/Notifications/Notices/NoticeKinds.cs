using Quitanda.Platform;
using static Quitanda.Notifications.Notices.Channel;

namespace Quitanda.Notifications.Notices;

/// <summary>What is told of an order.</summary>
internal sealed record OrderFacts(long Number);

/// <summary>What is told of a booking.</summary>
internal sealed record BookingFacts(string Code, string Title);

/// <summary>What is told of a payment.</summary>
internal sealed record PaymentFacts(Money Amount);

/// <summary>What is told of a post: nothing of what somebody wrote, which may be gone by then.</summary>
internal sealed record PostFacts;

/// <summary>What is told of an account.</summary>
internal sealed record AccountFacts;

/// <summary>Every kind of notices there is, with its words in both languages and the ways in which it is told. A letter names the kind that it is one of by <see cref="ILetter.Kind"/>.</summary>
internal static class NoticeKinds
{
    private static readonly List<NoticeKind> Known = [];

    public static readonly NoticeKind OrderReceived = Letters("order.received");

    public static readonly NoticeKind OrderConfirmed = Of<OrderFacts>("order.confirmed", [InApp, Email, Push], [Sms], goodForHours: 6,
        new("Pedido {number} confirmado\n\nA {shop} confirmou o pedido {number} e começa a preparar em breve.", "{shop}: o pedido {number} foi confirmado."),
        new("Order {number} is confirmed\n\n{shop} has confirmed order {number} and will start preparing it soon.", "{shop}: order {number} is confirmed."));

    public static readonly NoticeKind OrderReady = Of<OrderFacts>("order.ready", [InApp, Push], [Sms], goodForHours: 2,
        new("Pedido {number} pronto\n\nO pedido {number} na {shop} está pronto.", "{shop}: o pedido {number} está pronto."),
        new("Order {number} is ready\n\nOrder {number} at {shop} is ready.", "{shop}: order {number} is ready."));

    public static readonly NoticeKind OrderOutForDelivery = Of<OrderFacts>("order.out_for_delivery", [InApp, Push], [Sms], goodForHours: 2,
        new("Pedido {number} a caminho\n\nO pedido {number} da {shop} saiu para entrega.", "{shop}: o pedido {number} saiu para entrega."),
        new("Order {number} is on its way\n\nOrder {number} from {shop} is out for delivery.", "{shop}: order {number} is out for delivery."));

    public static readonly NoticeKind OrderDelivered = Of<OrderFacts>("order.delivered", [InApp], [Sms, Push], goodForHours: 6,
        new("Pedido {number} entregue\n\nO pedido {number} da {shop} foi entregue. Bom apetite!", "{shop}: o pedido {number} foi entregue."),
        new("Order {number} was delivered\n\nOrder {number} from {shop} was delivered. Enjoy!", "{shop}: order {number} was delivered."));

    public static readonly NoticeKind OrderCancelled = Of<OrderFacts>("order.cancelled", [InApp, Email, Push], [Sms], goodForHours: 12,
        new("Pedido {number} cancelado\n\nO pedido {number} na {shop} foi cancelado.", "{shop}: o pedido {number} foi cancelado."),
        new("Order {number} was cancelled\n\nOrder {number} at {shop} was cancelled.", "{shop}: order {number} was cancelled."));

    public static readonly NoticeKind PaymentFailed = Of<PaymentFacts>("payment.failed", [InApp], [Push], goodForHours: 6,
        new("O pagamento não foi aceito\n\nO pagamento de {amount} na {shop} não foi aceito. Você pode tentar de novo.", "{shop}: o pagamento de {amount} não foi aceito."),
        new("The payment was not accepted\n\nThe payment of {amount} at {shop} was not accepted. You can try again.", "{shop}: the payment of {amount} was not accepted."));

    public static readonly NoticeKind PaymentRefunded = Of<PaymentFacts>("payment.refunded", [InApp, Email, Push], [Sms], goodForHours: 72,
        new("Devolvemos {amount}\n\nA {shop} devolveu {amount} pela mesma forma de pagamento.", "{shop}: devolvemos {amount} pela mesma forma de pagamento."),
        new("We have returned {amount}\n\n{shop} has returned {amount} to the means of payment you used.", "{shop}: we have returned {amount} to the means of payment you used."));

    public static readonly NoticeKind BookingRequested = Of<BookingFacts>("booking.requested", [InApp, Email, Push], [Sms], goodForHours: 12,
        new("Pedido de reserva: {title}\n\nAlguém pediu uma reserva de {title} ({code}). Responda a tempo, ou o pedido expira.", "{shop}: há um pedido de reserva de {title} ({code})."),
        new("Booking request: {title}\n\nSomebody asks to book {title} ({code}). Answer in time, or the request expires.", "{shop}: somebody asks to book {title} ({code})."), isUrgent: true);

    public static readonly NoticeKind BookingAccepted = Of<BookingFacts>("booking.accepted", [InApp, Email, Push], [Sms], goodForHours: 2,
        new("Reserva {code} aceita: falta pagar\n\nO seu pedido de reserva de {title} foi aceito, e espera o seu pagamento.", "{shop}: a reserva {code} foi aceita e espera o seu pagamento."),
        new("Booking {code} accepted: to be paid\n\nYour request for {title} was accepted, and is held for your payment.", "{shop}: booking {code} was accepted and is held for your payment."), isUrgent: true);

    public static readonly NoticeKind BookingConfirmed = Of<BookingFacts>("booking.confirmed", [InApp, Email, Push], [Sms], goodForHours: 72,
        new("Reserva {code} confirmada\n\nA reserva de {title} está confirmada.", "{shop}: a reserva {code} ({title}) está confirmada."),
        new("Booking {code} confirmed\n\nThe booking of {title} is confirmed.", "{shop}: booking {code} ({title}) is confirmed."));

    public static readonly NoticeKind BookingMoved = Of<BookingFacts>("booking.moved", [InApp, Email, Push], [Sms], goodForHours: 72,
        new("Reserva {code}: novo horário\n\nA reserva de {title} tem um novo horário.", "{shop}: a reserva {code} ({title}) tem um novo horário."),
        new("Booking {code}: another time\n\nThe booking of {title} has another time.", "{shop}: booking {code} ({title}) has another time."));

    public static readonly NoticeKind BookingDeclined = Of<BookingFacts>("booking.declined", [InApp, Email, Push], [Sms], goodForHours: 72,
        new("Reserva {code} recusada\n\nO seu pedido de reserva de {title} não foi aceito.", "{shop}: o pedido de reserva {code} não foi aceito."),
        new("Booking {code} declined\n\nYour request for {title} was not accepted.", "{shop}: your request for booking {code} was not accepted."));

    public static readonly NoticeKind BookingCancelled = Of<BookingFacts>("booking.cancelled", [InApp, Email, Push], [Sms], goodForHours: 72,
        new("Reserva {code} cancelada\n\nA reserva de {title} foi cancelada.", "{shop}: a reserva {code} ({title}) foi cancelada."),
        new("Booking {code} was cancelled\n\nThe booking of {title} was cancelled.", "{shop}: booking {code} ({title}) was cancelled."));

    public static readonly NoticeKind BookingExpired = Of<BookingFacts>("booking.expired", [InApp, Email, Push], [Sms], goodForHours: 72,
        new("Reserva {code} expirada\n\nA reserva de {title} não foi respondida ou paga a tempo.", "{shop}: a reserva {code} expirou."),
        new("Booking {code} has expired\n\nThe booking of {title} was not answered or paid in time.", "{shop}: booking {code} has expired."));

    public static readonly NoticeKind BookingOffered = Letters("booking.offered", isUrgent: true);

    public static readonly NoticeKind BookingSoon = Letters("booking.soon");

    public static readonly NoticeKind BookingMessage = Letters("booking.message");

    public static readonly NoticeKind BookingDeposit = Letters("booking.deposit");

    public static readonly NoticeKind CalendarFailed = Letters("calendar.failed");

    public static readonly NoticeKind CalendarConflict = Letters("calendar.conflict", isUrgent: true);

    public static readonly NoticeKind PostCommented = Of<PostFacts>("post.commented", [InApp], [Push], goodForHours: 72,
        new("Comentário novo\n\nAlguém comentou o que você publicou na {shop}.", "{shop}: há um comentário novo no que você publicou."),
        new("A new comment\n\nSomebody commented on what you published at {shop}.", "{shop}: there is a new comment on what you published."));

    public static readonly NoticeKind CommentAnswered = Of<PostFacts>("comment.answered", [InApp], [Push], goodForHours: 72,
        new("Responderam ao seu comentário\n\nAlguém respondeu ao seu comentário na {shop}.", "{shop}: responderam ao seu comentário."),
        new("Your comment was answered\n\nSomebody answered your comment at {shop}.", "{shop}: your comment was answered."));

    public static readonly NoticeKind CommentHidden = Of<PostFacts>("comment.hidden", [InApp], [], goodForHours: 72,
        new("O seu comentário foi ocultado\n\nA moderação da {shop} ocultou um comentário seu.", "{shop}: a moderação ocultou um comentário seu."),
        new("Your comment was hidden\n\nA moderator of {shop} has hidden a comment of yours.", "{shop}: a moderator has hidden a comment of yours."));

    public static readonly NoticeKind AccountWelcome = Of<AccountFacts>("account.welcome", [InApp], [], goodForHours: 72,
        new("Boas-vindas à {shop}\n\nQue bom ter você aqui, {addressee}.", "{shop}: boas-vindas!"),
        new("Welcome to {shop}\n\nGood to have you here, {addressee}.", "{shop}: welcome!"));

    private static readonly Dictionary<string, NoticeKind> ByName = Known.ToDictionary(kind => kind.Name, StringComparer.Ordinal);

    /// <summary>All of them, in the order in which they stand here.</summary>
    public static IReadOnlyList<NoticeKind> All => Known;

    /// <summary>The kind of a name; null where there is none.</summary>
    public static NoticeKind? Find(string name) => ByName.GetValueOrDefault(name);

    private static NoticeKind Of<TFacts>(string name, Channel[] on, Channel[] off, int goodForHours, NoticeKind.Words portuguese, NoticeKind.Words english, bool isUrgent = false) =>
        Add(new(name, on, off, typeof(TFacts), portuguese, english) { IsUrgent = isUrgent, GoodFor = TimeSpan.FromHours(goodForHours) });

    /// <summary>One that is told by letters alone.</summary>
    private static NoticeKind Letters(string name, bool isUrgent = false) => Add(new(name, [Email], []) { IsUrgent = isUrgent });

    private static NoticeKind Add(NoticeKind kind)
    {
        Known.Add(kind);
        return kind;
    }
}
