using System.Globalization;
using System.Runtime.InteropServices;
using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>Where something is looked for, and how far around.</summary>
/// <param name="Lat">Degrees (WGS 84).</param>
/// <param name="Lng">Degrees.</param>
/// <param name="RadiusKm">Kilometres.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Surroundings(double Lat, double Lng, double RadiusKm)
{
    /// <summary>How far around is looked where nothing is said.</summary>
    public const double RadiusAtFirst = 25;

    /// <summary>The longest radius.</summary>
    public const double LongestRadius = 500;

    private const double KilometresADegree = 111.19;

    /// <summary>Reads <c>LAT,LNG</c>.</summary>
    /// <exception cref="InvalidException">It is something else, or a radius is given without it.</exception>
    public static Surroundings? Of(string? near, double? radiusKm)
    {
        if (near is null)
            return radiusKm is null ? null : throw new InvalidException("radiusKm", "is of no use without near.");
        return near.Split(',') is [var first, var second] && Degrees(first, 90) is { } lat && Degrees(second, 180) is { } lng
            ? new(lat, lng, radiusKm ?? RadiusAtFirst)
            : throw new InvalidException("near", "must be two numbers, latitude and longitude in degrees: -8.05,-34.88.");
    }

    /// <summary>Here, as the database has points.</summary>
    public Sql Here => Sql.Of($"point({Lng}, {Lat})");

    /// <summary>How far a listing <c>l</c> is, in metres.</summary>
    public Sql Metres => Sql.Of($"(booking.distance(booking.spot(l.lat, l.lng), {Here}) * 1000)::bigint");

    /// <summary>The condition on listings <c>l</c>: in a box, which an index finds, and in it near enough.</summary>
    public Sql IsNear
    {
        get
        {
            // A little more than the radius: what is exactly as far is judged by its distance.
            var high = RadiusKm / KilometresADegree + 0.001;
            var (south, north) = (Math.Max(-90, Lat - high), Math.Min(90, Lat + high));
            // Near a pole all meridians are near.
            var widest = Math.Cos(Math.Max(Math.Abs(south), Math.Abs(north)) * Math.PI / 180);
            var wide = widest * 180 <= high ? 180 : high / widest;
            var box = Box(south, north, Math.Max(-180, Lng - wide), Math.Min(180, Lng + wide));
            // What reaches over the date line goes on at its other side.
            if (wide < 180 && Lng + wide > 180)
                box = Sql.Of($"({box} or {Box(south, north, -180, Lng + wide - 360)})");
            else if (wide < 180 && Lng - wide < -180)
                box = Sql.Of($"({box} or {Box(south, north, Lng - wide + 360, 180)})");
            return Sql.Of($"l.lat is not null and {box} and {Metres} <= {(long)Math.Round(RadiusKm * 1000)}");
        }
    }

    private static Sql Box(double south, double north, double west, double east) => Sql.Of($"booking.spot(l.lat, l.lng) <@ box(point({west}, {south}), point({east}, {north}))");

    private static double? Degrees(string text, double most) =>
        double.TryParse(text.Trim(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var degrees) && Math.Abs(degrees) <= most ? degrees : null;
}
