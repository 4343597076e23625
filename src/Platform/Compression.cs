using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Quitanda.Platform;

/// <summary>
/// Compresses answers of text for clients that accept it, from a certain size. The framework's own middleware knows no size: it would make a short
/// answer longer. Here the first bytes of an answer that does not say its length are held until there are enough of them.
/// </summary>
/// <remarks>
/// Never compressed are event streams, answers that are secrets (<see cref="AnswersSecretAttribute"/>), parts of files, and what is coded already.
/// A strong ETag names bytes, so a compressed answer's is told apart by a suffix, which is taken off again when it comes back.
/// </remarks>
internal sealed class Compression(RequestDelegate next, IOptions<CompressionSettings> settings)
{
    private readonly CompressionSettings _settings = settings.Value;

    public Task InvokeAsync(HttpContext context)
    {
        if (!_settings.Enabled)
            return next(context);
        var headers = context.Request.Headers;
        // Whoever read a compressed answer changes the same resource, whatever they accept now.
        if (headers.IfMatch.Count > 0)
            headers.IfMatch = Without(Suffix(Coding.Gzip), Without(Suffix(Coding.Brotli), headers.IfMatch));
        var coding = headers.AcceptEncoding is { Count: > 0 } accepted ? Codings.Choose(accepted) : Coding.Identity;
        return coding == Coding.Identity ? next(context) : Compressing(context, coding);
    }

    /// <summary>Says that an answer's bytes, its ETag and its <c>Vary</c> are finished.</summary>
    public static void LeaveAlone(HttpContext context) => (context.Features.Get<IHttpResponseBodyFeature>() as CompressedBody)?.LeaveAlone();

    /// <summary>What tells the ETag of a compressed answer from that of the plain one.</summary>
    public static string Suffix(Coding coding) => coding == Coding.Brotli ? "-br\"" : "-gzip\"";

    /// <summary>The ETag of the same answer in a coding; a weak one names no bytes and stays.</summary>
    public static StringValues With(string suffix, StringValues etag) => etag is [['"', .., '"'] strong] ? strong[..^1] + suffix : etag;

    private static StringValues Without(string suffix, StringValues known) =>
        known.ToString() is var etags && etags.Contains(suffix, StringComparison.Ordinal) ? etags.Replace(suffix, "\"", StringComparison.Ordinal) : known;

    private async Task Compressing(HttpContext context, Coding coding)
    {
        var headers = context.Request.Headers;
        var known = headers.IfNoneMatch;
        var suffix = Suffix(coding);
        if (known.Count > 0)
            headers.IfNoneMatch = Without(suffix, known);

        var inner = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        await using var body = new CompressedBody(context, inner, coding, _settings.FromBytes);
        context.Features.Set<IHttpResponseBodyFeature>(body);
        try
        {
            await next(context);
            await body.Finish();
        }
        finally
        {
            context.Features.Set(inner);
        }

        var response = context.Response;
        // Not modified: it is the compressed answer that the client has, and that it would get.
        if (response.StatusCode == StatusCodes.Status304NotModified && !response.HasStarted && headers.IfNoneMatch != known)
            response.Headers.ETag = With(suffix, response.Headers.ETag);
    }
}
