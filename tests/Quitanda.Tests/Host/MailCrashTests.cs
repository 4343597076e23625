using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Npgsql;
using Quitanda.Tests.Platform.Mails;

namespace Quitanda.Tests.Host;

/// <summary>The host dies at random moments while mails go out. Each arrives, and a double carries the id of the first.</summary>
public sealed class MailCrashTests(ITestOutputHelper output)
{
    private const int Workers = 8;

    private static readonly int Mails = Size.Of(normal: 60, full: 1000);
    private static readonly int Kills = Size.Of(normal: 3, full: 20);
    private static readonly TimeSpan Takes = TimeSpan.FromMilliseconds(30);

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_at_random_while_mails_go_to_a_server_each_arrives_and_doubles_carry_one_id()
    {
        var folder = Directory.CreateTempSubdirectory("quitanda-mail-");
        try
        {
            using var certificate = Certificate();
            var trusted = Path.Combine(folder.FullName, "trusted.pem");
            await File.WriteAllTextAsync(trusted, certificate.ExportCertificatePem(), _ct);
            await using var sink = new SmtpSink(certificate) { OnMail = async _ => await Slowly("250 taken") };
            await Run(new(HostProcess.SoonGivenUp, StringComparer.Ordinal)
            {
                ["SSL_CERT_FILE"] = trusted,
                ["Mail__From"] = "loja@exemplo.test",
                ["Mail__TimeoutSeconds"] = "3",
                ["Mail__SmtpHost"] = "localhost",
                ["Mail__SmtpPort"] = $"{sink.Port}",
                ["Mail__SmtpUser"] = SmtpSink.User,
                ["Mail__SmtpPassword"] = "senha",
            }, () => [.. sink.Taken.Select(mail => (mail.Header("Message-ID")!, mail.ReadHeader("Subject")!))]);
            Assert.All(sink.SignIns, signIn => Assert.Equal((SmtpSink.User, "senha", true), signIn));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Killed_at_random_while_mails_go_to_a_provider_each_is_one_mail_there()
    {
        await using var resend = new FakeResend { Takes = Takes };
        await resend.Start();
        await Run(new(HostProcess.SoonGivenUp, StringComparer.Ordinal)
        {
            ["Mail__From"] = "loja@exemplo.test",
            ["Mail__TimeoutSeconds"] = "3",
            ["Mail__ResendUrl"] = resend.Url,
            ["Mail__ResendKey"] = "re_only_for_tests",
        }, () => [.. resend.Requests.Select(request => (request.IdempotencyKey!, request.Body.GetProperty("subject").GetString()!))]);
        Assert.Equal(Mails, resend.Sent.Count);
    }

    /// <summary>Orders that are each told of by one mail, while the process that sends them is killed again and again.</summary>
    private async Task Run(Dictionary<string, string> settings, Func<(string Id, string Subject)[]> arrived)
    {
        await using var data = new DataFolder();
        var port = HostProcess.FreePort();
        var host = await HostProcess.Serve(settings, data.Path, port);
        using var client = HostProcess.Client(port);
        var people = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(data.Path, "demo-credentials.json"), _ct)).RootElement;
        var customer = await SignIn(client, people.GetProperty("customer"));
        var products = await Uncounted(client, await SignIn(client, people.GetProperty("staff")));

        var next = -1;
        var placed = 0;
        var numbers = new long[Mails];
        var work = Task.WhenAll(Enumerable.Range(0, Workers).Select(async _ =>
        {
            for (var i = Interlocked.Increment(ref next); i < Mails; i = Interlocked.Increment(ref next))
            {
                numbers[i] = await Order(client, customer, i, products);
                Interlocked.Increment(ref placed);
            }
        }));
        for (var kill = 0; kill < Kills; kill++)
        {
            var until = (kill + 1) * Mails / (Kills + 1);
            while (Volatile.Read(ref placed) < until && !work.IsCompleted)
                await Task.Delay(Random.Shared.Next(2, 40), _ct);
            await host.Kill();
            host.Dispose();
            host = await HostProcess.Serve(settings, data.Path, port);
        }

        await work;
        await MailsAreSent(data);
        Assert.Equal(0, await host.Interrupt());
        host.Dispose();

        var mails = arrived();
        var bySubject = mails.GroupBy(mail => mail.Subject, StringComparer.Ordinal).ToList();
        Assert.Equal(numbers.Select(number => $"Recebemos o pedido {number}").Order(StringComparer.Ordinal), bySubject.Select(group => group.Key).Order(StringComparer.Ordinal));
        Assert.All(bySubject, group => Assert.Single(group.Select(mail => mail.Id).Distinct(StringComparer.Ordinal)));
        output.WriteLine($"{Mails} mails, {Kills} kills, {mails.Length - Mails} came twice.");
    }

    private async Task<long> Order(HttpClient client, string customer, int i, Guid[] products)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/orders")
            {
                Content = JsonContent.Create(new { items = new[] { new { productId = products[i % products.Length], quantity = 1 } }, fulfillment = "pickup", paymentMethod = "manual" }),
            };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", customer);
            request.Headers.Add("Idempotency-Key", $"order-{i}");
            try
            {
                using var response = await client.SendAsync(request, _ct);
                var text = await response.Content.ReadAsStringAsync(_ct);
                if (response.StatusCode == HttpStatusCode.Created)
                    return JsonDocument.Parse(text).RootElement.GetProperty("number").GetInt64();
                Assert.True(response.StatusCode == HttpStatusCode.ServiceUnavailable || text.Contains("idempotency_in_progress", StringComparison.Ordinal), $"{response.StatusCode}: {text}");
            }
            catch (Exception error) when (error is HttpRequestException or IOException or TaskCanceledException && !_ct.IsCancellationRequested)
            {
                // The host died with the request in flight; whether it was done is what the key is for.
            }

            await Task.Delay(50, _ct);
        }
    }

    private async Task MailsAreSent(DataFolder data)
    {
        await using var postgres = await data.Join();
        await using var source = NpgsqlDataSource.Create(postgres.ConnectionString);
        var began = Stopwatch.GetTimestamp();
        while (await Count(source, "state = 'ready'") > 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(Size.Of(normal: 1, full: 4)), "Mails were stuck.");
            await Task.Delay(200, _ct);
        }

        Assert.Equal(0, await Count(source, "state = 'dead'"));
    }

    private async Task<long> Count(NpgsqlDataSource source, string where)
    {
        await using var command = source.CreateCommand($"select count(*) from platform.jobs where kind = 'platform.send-mail' and {where}");
        return (long)(await command.ExecuteScalarAsync(_ct))!;
    }

    /// <summary>Products of which there are as many as anybody wants: this is about crashes, not about selling out.</summary>
    private async Task<Guid[]> Uncounted(HttpClient client, string staff)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/products?limit=100&available=true");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", staff);
        using var response = await client.SendAsync(request, _ct);
        var page = await response.Content.ReadFromJsonAsync<JsonElement>(_ct);
        Guid[] products = [.. page.GetProperty("data").EnumerateArray().Where(product => !product.TryGetProperty("stock", out var stock) || stock.ValueKind == JsonValueKind.Null).Select(product => product.GetProperty("id").GetGuid())];
        Assert.NotEmpty(products);
        return products;
    }

    private async Task<string> SignIn(HttpClient client, JsonElement person)
    {
        using var response = await client.PostAsJsonAsync("/api/v1/auth/login", person, _ct);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(_ct)).GetProperty("accessToken").GetString()!;
    }

    private static async Task<string> Slowly(string answer)
    {
        await Task.Delay(Takes);
        return answer;
    }

    /// <summary>A certificate for this machine that the host is told to trust.</summary>
    private static X509Certificate2 Certificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(7));
    }
}
