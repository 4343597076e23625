using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

/// <summary>Calls to addresses that people name: what is everybody's is called, and nothing inside.</summary>
public sealed class OutsideHttpTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.1.1.1", true)]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700:4700::1111", true)]
    [InlineData("::ffff:1.1.1.1", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.255.255.254", false)]
    [InlineData("::1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("0.1.2.3", false)]
    [InlineData("::", false)]
    [InlineData("10.255.0.1", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("100.127.255.255", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("168.63.129.15", true)]
    [InlineData("168.63.129.16", false)]
    [InlineData("::ffff:168.63.129.16", false)]
    [InlineData("192.0.0.192", false)]
    [InlineData("192.0.2.1", false)]
    [InlineData("192.88.99.1", false)]
    [InlineData("198.19.0.1", false)]
    [InlineData("198.51.100.1", false)]
    [InlineData("203.0.113.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("239.255.255.255", false)]
    [InlineData("240.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::127.0.0.1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("64:ff9b:1::a00:1", false)]
    [InlineData("2001::1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("2002:a00:1::", false)]
    [InlineData("3fff::1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fec0::1", false)]
    [InlineData("ff02::1", false)]
    public void Only_what_is_everybodys_is_called(string address, bool isAllowed) => Assert.Equal(isAllowed, Outside().Allows(IPAddress.Parse(address)));

    [Theory]
    [InlineData("https://hooks.example.com/a", true)]
    [InlineData("http://hooks.example.com/a", false)]
    [InlineData("ftp://hooks.example.com/a", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("https://ana:word@hooks.example.com/a", false)]
    [InlineData("https://10.0.0.7/a", false)]
    [InlineData("https://0xA9FEA9FE/a", false)]
    [InlineData("https://2130706433/a", false)]
    [InlineData("https://0177.0.0.1/a", false)]
    [InlineData("https://127.1/a", false)]
    [InlineData("https://[::ffff:192.168.0.1]/a", false)]
    [InlineData("https://[fd00::1]/a", false)]
    [InlineData("https://a\u200db.example.com/a", false)]
    [InlineData("https://caf\u00e9.example.com/a", true)]
    [InlineData("/a", false)]
    public void An_address_is_https_without_a_name_or_a_password_and_not_inside(string url, bool isAllowed) => Assert.Equal(isAllowed, Outside().Allows(new Uri(url, url[0] == '/' ? UriKind.Relative : UriKind.Absolute)));

    [Fact]
    public void A_setting_allows_networks_and_http()
    {
        var outside = Outside("10.20.0.0/16 fd00:1::/32", allowsHttp: true);
        Assert.True(outside.Allows(IPAddress.Parse("10.20.3.4")));
        Assert.True(outside.Allows(IPAddress.Parse("::ffff:10.20.3.4")));
        Assert.True(outside.Allows(IPAddress.Parse("fd00:1::5")));
        Assert.False(outside.Allows(IPAddress.Parse("10.21.0.1")));
        Assert.False(outside.Allows(IPAddress.Parse("127.0.0.1")));
        Assert.True(outside.Allows(new Uri("http://hooks.example.com/a")));
        Assert.False(outside.Allows(new Uri("http://127.0.0.1/a")));
        Assert.Contains("Outside:AllowedNetworks", new OutsideHttp.Rules().Validate(name: null, new() { AllowedNetworks = "10.0.0.0/8 nowhere" }).FailureMessage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("127.1")]
    [InlineData("0x7f000001")]
    [InlineData("0.0.0.0")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("anything.example")]
    [InlineData("both.example")]
    public async Task Nothing_connects_to_what_lies_inside(string host)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var outside = Outside(allowsHttp: true, lookUp: (name, ct) => name switch
        {
            "anything.example" => Task.FromResult<IPAddress[]>([IPAddress.Loopback]),
            "both.example" => Task.FromResult<IPAddress[]>([IPAddress.Parse("1.1.1.1"), IPAddress.Loopback]),
            _ => Dns.GetHostAddressesAsync(name, ct),
        });
        var error = await Assert.ThrowsAnyAsync<HttpRequestException>(() => Get(outside, $"http://{host}:{((IPEndPoint)listener.LocalEndpoint).Port}/"));
        Assert.True(InsideAddressException.Caused(error));
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task A_name_is_looked_up_once_and_its_address_of_then_is_the_one_that_is_called()
    {
        using var allowed = new TcpListener(IPAddress.Parse("127.0.0.2"), 0);
        allowed.Start();
        var port = ((IPEndPoint)allowed.LocalEndpoint).Port;
        using var inside = new TcpListener(IPAddress.Loopback, port);
        inside.Start();
        var lookUps = 0;
        var outside = Outside("127.0.0.2/32", allowsHttp: true, lookUp: (_, _) => Task.FromResult<IPAddress[]>([++lookUps == 1 ? IPAddress.Parse("127.0.0.2") : IPAddress.Loopback]));

        var asking = Get(outside, $"http://rebinding.example:{port}/");
        using (var client = await allowed.AcceptTcpClientAsync(Ct))
            await client.GetStream().WriteAsync("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), Ct);
        // What it leads to is not followed.
        Assert.Equal(HttpStatusCode.Found, await asking);
        Assert.Equal((1, false), (lookUps, inside.Pending()));

        Assert.True(InsideAddressException.Caused(await Assert.ThrowsAnyAsync<HttpRequestException>(() => Get(outside, $"http://rebinding.example:{port}/"))));
        Assert.Equal((2, false), (lookUps, inside.Pending()));
    }

    [Fact]
    public async Task The_issuer_that_a_certificate_names_is_not_fetched()
    {
        using var elsewhere = new TcpListener(IPAddress.Loopback, 0);
        elsewhere.Start();
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        using var certificate = Certificate($"http://{elsewhere.LocalEndpoint}/issuer.crt");
        var asking = Get(Outside("127.0.0.0/8"), $"https://{server.LocalEndpoint}/");
        using (var client = await server.AcceptTcpClientAsync(Ct))
        await using (var tls = new SslStream(client.GetStream()))
        {
            // Offline, or it would look for the issuer itself.
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true) }, Ct);
            Assert.Equal(HttpRequestError.SecureConnectionError, (await Assert.ThrowsAsync<HttpRequestException>(() => asking)).HttpRequestError);
        }

        Assert.False(elsewhere.Pending());
    }

    /// <summary>A certificate of an issuer that nobody has, and that says where its issuer's is.</summary>
    private static X509Certificate2 Certificate(string issuerAt)
    {
        var (from, until) = (new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2049, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var issuerKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var issuing = new CertificateRequest("CN=issuer", issuerKey, HashAlgorithmName.SHA256);
        issuing.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        using var issuer = issuing.CreateSelfSigned(from, until);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var wanted = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        wanted.CertificateExtensions.Add(names.Build());
        wanted.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(ocspUris: null, caIssuersUris: [issuerAt]));
        using var certificate = wanted.Create(issuer, from, until, [1, 2, 3, 4]);
        return certificate.CopyWithPrivateKey(key);
    }

    private static async Task<HttpStatusCode> Get(OutsideHttp outside, string url)
    {
        using var client = new HttpMessageInvoker(outside.Handler(DecompressionMethods.None));
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        using var response = await client.SendAsync(request, Ct);
        return response.StatusCode;
    }

    private static OutsideHttp Outside(string networks = "", bool allowsHttp = false, Func<string, CancellationToken, Task<IPAddress[]>>? lookUp = null) =>
        new(Options.Create(new OutsideSettings { AllowedNetworks = networks, AllowHttp = allowsHttp })) { LookUp = lookUp ?? Dns.GetHostAddressesAsync };
}
