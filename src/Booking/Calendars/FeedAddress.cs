using System.Net;
using System.Net.Sockets;
using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>Where calendars elsewhere may lie: anywhere that anyone reaches, and nowhere inside the network that we are in.</summary>
internal static class FeedAddress
{
    /// <summary>Networks of IPv4 that are not everybody's (RFC 6890 and its registry).</summary>
    private static readonly IPNetwork[] Inner =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.0.0.0/24"), IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("192.88.99.0/24"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("198.18.0.0/15"), IPNetwork.Parse("198.51.100.0/24"),
        IPNetwork.Parse("203.0.113.0/24"), IPNetwork.Parse("224.0.0.0/4"), IPNetwork.Parse("240.0.0.0/4"),
    ];

    /// <summary>All that is everybody's in IPv6, but for what stands for addresses of IPv4, and for examples.</summary>
    private static readonly IPNetwork Outer = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] InnerOfOuter = [IPNetwork.Parse("2001::/23"), IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("2002::/16"), IPNetwork.Parse("3fff::/20")];

    /// <summary>An address as it is kept: <c>webcal</c> is <c>https</c>.</summary>
    /// <exception cref="InvalidException">It is no address of the web, or none that is asked.</exception>
    public static string Require(string url, bool allowsLoopback)
    {
        var asked = url.StartsWith("webcal://", StringComparison.OrdinalIgnoreCase) ? $"https://{url[9..]}" : url;
        if (!Uri.TryCreate(asked, UriKind.Absolute, out var address) || !IsAllowed(address, allowsLoopback))
            throw new InvalidException("url", "must be an https address that anyone can reach, without a name or a password in it.");
        return address.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped);
    }

    /// <summary>Whether an address may be asked, as far as can be told before its name is looked up.</summary>
    public static bool IsAllowed(Uri address, bool allowsLoopback)
    {
        if (address.UserInfo.Length > 0 || address.Host.Length == 0)
            return false;
        var isLoopback = allowsLoopback && address.IsLoopback;
        if (address.Scheme != Uri.UriSchemeHttps && !(isLoopback && address.Scheme == Uri.UriSchemeHttp))
            return false;
        return IPAddress.TryParse(address.DnsSafeHost, out var number) ? IsAllowed(number, allowsLoopback) : isLoopback || !address.IsLoopback;
    }

    /// <summary>Whether something may be asked that answers at this address.</summary>
    public static bool IsAllowed(IPAddress address, bool allowsLoopback)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address))
            return allowsLoopback;
        return address.AddressFamily switch
        {
            AddressFamily.InterNetwork => !Array.Exists(Inner, network => network.Contains(address)),
            AddressFamily.InterNetworkV6 => Outer.Contains(address) && !Array.Exists(InnerOfOuter, network => network.Contains(address)),
            _ => false,
        };
    }
}
