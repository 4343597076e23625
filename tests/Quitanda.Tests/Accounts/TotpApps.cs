using Quitanda.Accounts.SecondFactors;

namespace Quitanda.Tests.Accounts;

/// <summary>Somebody's authenticator app, set up through the front door.</summary>
internal sealed record TotpApp(QuitandaApp App, byte[] Secret, string[] RecoveryCodes)
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static async Task<TotpApp> SetUp(QuitandaApp app, HttpClient client)
    {
        var typed = (await (await client.Post("/api/v1/auth/totp")).Body()).Text("secret");
        var bits = string.Concat(typed.Select(letter => Convert.ToString(Letters.IndexOf(letter, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        byte[] secret = [.. bits.Chunk(8).Where(eight => eight.Length == 8).Select(eight => Convert.ToByte(new string(eight), 2))];
        var begun = new TotpApp(app, secret, []);
        var confirmed = await (await client.Post("/api/v1/auth/totp/confirm", new { code = begun.Code() })).Body();
        return begun with { RecoveryCodes = [.. confirmed.GetProperty("recoveryCodes").EnumerateArray().Select(code => code.GetString()!)] };
    }

    /// <summary>The code of now. One that was taken is good no more before the clock has gone on by half a minute.</summary>
    public string Code() => Totp.Code(Secret, Totp.StepAt(App.Clock.GetUtcNow()));

    /// <summary>Six digits that are no code of now.</summary>
    public string Wrong()
    {
        var good = Enumerable.Range(-1, 3).Select(off => Totp.Code(Secret, Totp.StepAt(App.Clock.GetUtcNow()) + off)).ToHashSet(StringComparer.Ordinal);
        return Enumerable.Range(0, 4).Select(number => $"00000{number}").First(code => !good.Contains(code));
    }
}
