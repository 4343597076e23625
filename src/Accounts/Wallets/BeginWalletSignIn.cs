using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Accounts.Wallets;

/// <summary>
/// Gives the message of EIP-4361 that a wallet is to sign, so that its owner signs in: as it is, to the letter. It is good once, for 5 minutes. Without `chainId` it is for the
/// first chain of the settings. An address in small letters and capitals must have its checksum (EIP-55).
/// </summary>
[AnswersSecret]
[Refuses("invalid_address", 422), Refuses("unsupported_chain", 422), Refuses("no_domain")]
internal static class BeginWalletSignIn
{
    // The grammar has room for ASCII alone.
    private const string Statement = "Sign in with this wallet. It costs nothing and sends no transaction.";

    internal sealed record Request(
        [StringLength(42, MinimumLength = 42), RegularExpression(WalletAddress.Pattern)] string Address,
        [Range(1, 9_007_199_254_740_991)] long? ChainId = null);

    internal sealed record Response(string Message);

    public static Ok<Response> Handle(Request request, WalletPage? page, Db db, IOptions<AccountSettings> settings, TimeProvider clock)
    {
        if (WalletAddress.Read(request.Address) is not { } address)
            throw new RefusedException("invalid_address", "The address's checksum is wrong: a digit of it was mistyped.", StatusCodes.Status422UnprocessableEntity);
        var chains = ChainsOf(settings.Value);
        if ((request.ChainId ?? chains.FirstOrDefault()) is var chain && !chains.Contains(chain))
            throw new RefusedException("unsupported_chain", "Nobody signs in from this chain here.", StatusCodes.Status422UnprocessableEntity);
        if (page is null)
            throw NoDomain();

        // Whole milliseconds, as the message says it.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        var message = new WalletMessage
        {
            Domain = page.Domain,
            Address = address,
            Statement = Statement,
            Uri = page.Uri,
            ChainId = chain,
            Nonce = WalletNonce.New(),
            IssuedAt = now,
            ExpirationTime = now + WalletNonce.Lifetime,
        };
        WalletNonce.Keep(db, message, now + WalletNonce.Lifetime);
        return TypedResults.Ok(new Response(message.ToString()));
    }

    /// <summary>The chains that a wallet may be on, the usual one first.</summary>
    public static long[] ChainsOf(AccountSettings settings) =>
        [.. settings.WalletChains.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(chain => long.Parse(chain, CultureInfo.InvariantCulture))];

    /// <summary>The refusal of a host that does not know which name it has.</summary>
    public static RefusedException NoDomain() =>
        new("no_domain", "The front end's address is not set (Accounts:PagesUrl), so there is no name that a wallet could show its owner.");
}
