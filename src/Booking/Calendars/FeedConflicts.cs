using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>Tells an owner that a calendar elsewhere is busy while something is booked here, of each booking once.</summary>
internal sealed record FeedConflicts(string Listing, IReadOnlyList<FeedConflicts.Line> Bookings) : ILetter
{
    public const int LinesAtMost = 50;

    /// <param name="Feed">What the owner calls the calendar.</param>
    /// <param name="Code">What people call the booking by.</param>
    /// <param name="First">Its first day.</param>
    /// <param name="Last">Its last day.</param>
    internal sealed record Line(string Feed, string Code, DateOnly First, DateOnly Last);

    public static string Name => "booking.feed-conflicts";

    public static string? Kind => "calendar.conflict";

    public static string Portuguese => """
        {listing}: datas ocupadas em dois lugares

        # Datas ocupadas em dois lugares

        Olá, {addressee}. Um calendário seu mostra o anúncio {listing} ocupado em datas que já estão reservadas na {shop}:

        {#bookings}
        - Reserva {code}, de {first} a {last}, no calendário {feed}
        {/bookings}

        Pode ser a mesma reserva, que voltou por esse calendário. Se for outra, uma das duas precisa ser desfeita. As reservas feitas aqui continuam valendo.
        """;

    public static string English => """
        {listing}: dates taken in two places

        # Dates taken in two places

        Hello, {addressee}. A calendar of yours shows the listing {listing} as busy on dates that are booked at {shop} already:

        {#bookings}
        - Booking {code}, from {first} to {last}, in the calendar {feed}
        {/bookings}

        It may be the same booking, come back by that calendar. If it is another one, one of the two has to be undone. The bookings made here still hold.
        """;
}
