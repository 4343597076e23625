using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Quitanda.Platform;

/// <summary>Settings of calls to addresses that people name, such as webhooks' and calendars'. Section <c>Outside</c>.</summary>
public sealed record OutsideSettings
{
    /// <summary>Networks (CIDR), separated by spaces, that may be called although they are not everybody's, such as <c>10.20.0.0/16</c>. Empty is none.</summary>
    public string AllowedNetworks { get; init; } = "";

    /// <summary>Whether addresses may be http and not https.</summary>
    public bool AllowHttp { get; init; }
}

/// <summary>An address that people named lies, or leads, inside a network where nobody outside should have us call.</summary>
public sealed class InsideAddressException() : IOException("The address is not one that anyone can reach.")
{
    /// <summary>Whether this is why something failed: what stops the connecting is wrapped by the framework.</summary>
    public static bool Caused(Exception error)
    {
        for (var inner = error; inner is not null; inner = inner.InnerException)
            if (inner is InsideAddressException)
                return true;
        return false;
    }
}

/// <summary>
/// What may be called of what people name: anything that anyone reaches (RFC 6890 and its registries), and nothing inside the network that we are in, unless a setting allows it.
/// </summary>
/// <remarks>
/// The address that is looked up is the one that is connected to, so no name can mean one when it is looked at and another when it is called. Redirects are not followed: whoever follows
/// one checks where it leads with <see cref="Allows(Uri)"/>, and the connection is checked again.
/// </remarks>
public sealed class OutsideHttp(IOptions<OutsideSettings> settings)
{
    /// <summary>The longest that a head of an answer may be, in kilobytes.</summary>
    private const int HeadKilobytesAtMost = 16;

    private static readonly IPNetwork[] Inner =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.0.0.0/24"), IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("192.88.99.0/24"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("198.18.0.0/15"), IPNetwork.Parse("198.51.100.0/24"),
        IPNetwork.Parse("203.0.113.0/24"), IPNetwork.Parse("224.0.0.0/4"), IPNetwork.Parse("240.0.0.0/4"),
        // In no registry: a cloud's own service, which answers on every one of its machines under what looks like everybody's address.
        IPNetwork.Parse("168.63.129.16/32"),
    ];

    /// <summary>All that is everybody's in IPv6, but for what stands for addresses of IPv4, and for examples.</summary>
    private static readonly IPNetwork Outer = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] InnerOfOuter = [IPNetwork.Parse("2001::/23"), IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("2002::/16"), IPNetwork.Parse("3fff::/20")];

    private readonly IPNetwork[] _allowed = [.. Networks(settings.Value).Select(network => IPNetwork.Parse(network))];
    private readonly bool _allowsHttp = settings.Value.AllowHttp;

    /// <summary>Asks what addresses a name has: once for a connection.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> LookUp { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>Whether an address may be called, as far as can be told before its name is looked up: https, and no name or password in it.</summary>
    public bool Allows(Uri address)
    {
        if (!address.IsAbsoluteUri || address.UserInfo.Length > 0 || address.Host.Length == 0 || (address.Scheme != Uri.UriSchemeHttps && !(_allowsHttp && address.Scheme == Uri.UriSchemeHttp)))
            return false;
        return IPAddress.TryParse(address.DnsSafeHost, out var number) ? Allows(number) : HasName(address);
    }

    /// <summary>An address as it is kept and called, in ASCII but for its name; null where that is longer than <paramref name="atMost"/>, which a short one may come to.</summary>
    public static string? WrittenOut(Uri address, int atMost) => address.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped) is var written && written.Length <= atMost ? written : null;

    /// <summary>Whether something may be called that answers at this address.</summary>
    public bool Allows(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (Array.Exists(_allowed, network => network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address)))
            return true;
        return address.AddressFamily switch
        {
            AddressFamily.InterNetwork => !Array.Exists(Inner, network => network.Contains(address)),
            AddressFamily.InterNetworkV6 => Outer.Contains(address) && !Array.Exists(InnerOfOuter, network => network.Contains(address)),
            _ => false,
        };
    }

    /// <summary>Whether its name can be written as names are looked up. Not every one that an address may have can be, and who asks for that form is told by an exception.</summary>
    private static bool HasName(Uri address)
    {
        try
        {
            return address.IdnHost.Length > 0;
        }
        catch (UriFormatException)
        {
            return false;
        }
    }

    /// <summary>Looks a name up, refuses what lies inside, and connects to one of the very addresses that were looked at.</summary>
    /// <exception cref="InsideAddressException">It lies inside.</exception>
    internal async ValueTask<Stream> Connect(DnsEndPoint wanted, CancellationToken ct)
    {
        var all = IPAddress.TryParse(wanted.Host, out var number) ? [number] : await LookUp(wanted.Host, ct);
        // One that is inner among them all is reason enough not to believe the others.
        if (all.Length == 0 || !Array.TrueForAll(all, Allows))
            throw new InsideAddressException();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(all, wanted.Port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The handler of all that is called so.</summary>
    internal SocketsHttpHandler Handler(DecompressionMethods unpacks) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        // It would be asked to connect to what we must not.
        UseProxy = false,
        AutomaticDecompression = unpacks,
        MaxResponseHeadersLength = HeadKilobytesAtMost,
        // What is left of an answer is not read to keep a connection: it may have no end.
        MaxResponseDrainSize = 0,
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),
        // Whoever is called has no part in our traces.
        ActivityHeadersPropagator = null,
        // A certificate says where its issuer's can be had, and the framework would fetch that from anywhere, past all that is said here. Whoever does not send it is not trusted. The rest is as
        // it is without a policy, the framework's own purpose (server authentication) included, which it adds where none is named.
        SslOptions = new() { CertificateChainPolicy = new() { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck, RevocationFlag = X509RevocationFlag.ExcludeRoot } },
        ConnectCallback = (context, ct) => Connect(context.DnsEndPoint, ct),
    };

    internal static string[] Networks(OutsideSettings settings) => settings.AllowedNetworks.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The settings that no attribute can judge.</summary>
    internal sealed class Rules : IValidateOptions<OutsideSettings>
    {
        public ValidateOptionsResult Validate(string? name, OutsideSettings options) =>
            Networks(options).FirstOrDefault(network => !IPNetwork.TryParse(network, out _)) is { } wrong
                ? ValidateOptionsResult.Fail($"Outside:AllowedNetworks has '{wrong}', which is not a network such as 10.20.0.0/16.")
                : ValidateOptionsResult.Success;
    }
}

/// <summary>How modules call what people name.</summary>
public static class OutsideHttpRegistration
{
    /// <summary>
    /// Adds an HTTP client for addresses that people name: no redirects, cookies or proxies, bounded heads, and no connection to anything inside (<see cref="OutsideHttp"/>). Time and the size of bodies are
    /// its caller's to bound.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The client's name, for <see cref="IHttpClientFactory"/>.</param>
    /// <param name="unpacks">The codings that answers may come in; by default none is asked for.</param>
    public static IServiceCollection AddOutsideClient(this IServiceCollection services, string name, DecompressionMethods unpacks = DecompressionMethods.None)
    {
        services.AddHttpClient(name).ConfigurePrimaryHttpMessageHandler(given => given.GetRequiredService<OutsideHttp>().Handler(unpacks))
            // The factory's own log lines would tell each address, which may be its owner's secret.
            .RemoveAllLoggers();
        return services;
    }
}
