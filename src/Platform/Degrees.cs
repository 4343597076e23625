namespace Quitanda.Platform;

/// <summary>Places on the globe as clients say them: latitude and longitude in degrees (WGS 84), both or neither.</summary>
public static class Degrees
{
    /// <summary>Holds a request to giving both or neither.</summary>
    /// <param name="lat">The latitude.</param>
    /// <param name="lng">The longitude.</param>
    /// <param name="within">The member that they are in, such as <c>address</c>; null where they are the request's own.</param>
    /// <exception cref="InvalidException">There is one of the two. It names the other.</exception>
    public static void RequireBothOrNeither(double? lat, double? lng, string? within = null)
    {
        if (lat is null == lng is null)
            return;
        var (missing, given) = lat is null ? ("lat", "lng") : ("lng", "lat");
        throw new InvalidException(within is null ? missing : $"{within}.{missing}", $"must be given together with {given}.");
    }
}
