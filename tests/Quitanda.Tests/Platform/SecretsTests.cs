using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

public sealed class SecretsTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private static readonly string Long = new('s', 32);

    [Theory]
    [InlineData("")]
    [InlineData("too-short-but-still-secret")]
    [InlineData("ssssssssssssssssssssssssssssssss too-short-but-still-secret")]
    [InlineData("ssssssssssssssssssssssssssssssss ssssssssssssssssssssssssssssssss ssssssssssssssssssssssssssssssss")]
    public void A_secret_that_is_missing_or_short_names_itself_and_never_its_value(string value)
    {
        foreach (var (settings, name) in ((SecretSettings, string)[])[
            (new() { TokenSigning = value, DataProtection = Long }, "Secrets:TokenSigning"), (new() { TokenSigning = Long, DataProtection = value }, "Secrets:DataProtection")])
        {
            var error = Assert.Throws<SettingException>(() => Secrets.From(settings));
            Assert.Equal(name, error.Name);
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("still-secret", error.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("still-secret", settings.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Two_secrets_may_live_and_the_first_is_the_one_that_signs()
    {
        var secrets = Secrets.From(new() { TokenSigning = $"{Long}1 {Long}2", DataProtection = Long });
        Assert.Equal($"{Long}1 {Long}2", string.Join(' ', secrets.TokenSigning.Select(secret => System.Text.Encoding.UTF8.GetString(secret.Bytes))));
        Assert.NotEqual(secrets.TokenSigning[0].Id, secrets.TokenSigning[1].Id, StringComparer.Ordinal);
    }

    [Fact]
    public async Task Secrets_are_made_once_for_their_owner_alone_however_many_hosts_start()
    {
        var folder = Directory.CreateTempSubdirectory("quitanda-secrets-").FullName;
        try
        {
            using var start = new Barrier(8);
            var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(() =>
            {
                start.SignalAndWait();
                return Secrets.FromFolder(new(), folder);
            }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            Assert.Single(made.Select(secrets => secrets.TokenSigning).Distinct(StringComparer.Ordinal));
            Assert.Single(made.Select(secrets => secrets.DataProtection).Distinct(StringComparer.Ordinal));
            Assert.NotEqual(made[0].TokenSigning, made[0].DataProtection, StringComparer.Ordinal);
            Assert.Equal(made[0], Secrets.FromFolder(new(), folder), EqualityComparer<SecretSettings>.Default);
            Assert.Equal(Long, Secrets.FromFolder(new() { TokenSigning = Long }, folder).TokenSigning);

            Assert.Equal("data-protection.secret token-signing.secret", string.Join(' ', Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)));
            if (!OperatingSystem.IsWindows())
                Assert.All(Directory.GetFiles(folder), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
            Assert.True(Secrets.From(made[0]).TokenSigning[0].Bytes.Length >= Secrets.BytesAtLeast);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Data_protection_keys_are_shared_by_processes_and_unreadable_without_the_secret()
    {
        await using var other = await app.StartAnother();
        var here = app.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");
        var there = other.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");
        Assert.Equal("olá", there.Unprotect(here.Protect("olá")));
        Assert.Equal("olá", here.Unprotect(there.Protect("olá")));

        Assert.True(await app.Scalar<long>($"select count(*) from platform.data_protection_keys where xml like '%<sealed %'") > 0);
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.data_protection_keys where xml like '%masterKey%'"));

        await using var stranger = await app.StartAnother(builder => builder.Configuration["Secrets:DataProtection"] = Long);
        var keys = stranger.Services.GetRequiredService<IKeyManager>().GetAllKeys();
        Assert.All(keys.Where(key => key.CreationDate < DateTimeOffset.MaxValue).Take(1), key => Assert.ThrowsAny<Exception>(() => key.CreateEncryptor()!.Encrypt("olá"u8.ToArray(), default)));

        var rotated = $"{Long} only-for-tests-and-made-of-words-that-say-so";
        await using var rotating = await app.StartAnother(builder => builder.Configuration["Secrets:DataProtection"] = rotated);
        Assert.Equal("olá", rotating.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test").Unprotect(here.Protect("olá")));
    }
}
