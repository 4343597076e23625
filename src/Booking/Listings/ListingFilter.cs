using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>What a search asks for, but for its words.</summary>
/// <param name="Where">The condition on listings <c>l</c>.</param>
/// <param name="Near">Where it is looked for.</param>
/// <param name="Time">When it has to be free.</param>
/// <param name="Order">In which order it is answered.</param>
internal sealed record ListingFilter(Sql Where, Surroundings? Near, WantedTime? Time, ListingOrder Order)
{
    /// <summary>What a query asks for.</summary>
    /// <exception cref="InvalidException">Something in it makes no sense.</exception>
    public static ListingFilter Of(SearchListings.Query query, bool hasWords)
    {
        var near = Surroundings.Of(query.Near, query.RadiusKm);
        var order = ListingOrder.Of(query.Sort, hasWords, near);
        var where = query.Approval is { } approval ? Sql.Of($"l.archived_at is null and l.approval = {Wire.Asked<Approval>(approval, "approval")}") : Listing.Shown;
        if (near is { } here)
            where = $"{where} and {here.IsNear}";
        if (query.Category is not null)
            where = $"{where} and l.category = {query.Category}";
        if (query.Location is not null)
            where = $"{where} and l.city_words = any({CitiesIn(query.Location)})";
        if (query.Unit is { } unit)
            where = $"{where} and l.unit = {Wire.Asked<RentalUnit>(unit, "unit")}";
        if (query.MinPrice is { } least)
            where = $"{where} and l.price >= {least}";
        if (query.MaxPrice is { } most)
            where = $"{where} and l.price <= {most}";
        if (query.Guests is { } guests)
            where = $"{where} and (l.capacity is null or l.capacity >= {guests})";
        if (query.Units is { } units)
            where = $"{where} and l.units >= {units}";
        if (query.Instant is { } instant)
            where = $"{where} and l.instant = {instant}";
        return new(where, near, WantedTime.Of(query.From, query.To), order);
    }

    /// <summary>The cities that may be meant: <c>São Paulo, SP</c> is <c>sao paulo sp</c>, <c>sao paulo</c> or <c>sao</c>.</summary>
    private static string[] CitiesIn(string location)
    {
        var words = SearchWords.OfName(location).Split(' ');
        return [.. Enumerable.Range(1, words.Length).Select(count => string.Join(' ', words.Take(count)))];
    }
}
