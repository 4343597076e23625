using Microsoft.AspNetCore.Http;

namespace Quitanda.Platform;

/// <summary>Reads that are carried out inside a write, to see which version it is about.</summary>
public static class Rendering
{
    /// <summary>Whether this is one. It writes nothing, and opens no transaction of its own: the write holds one already.</summary>
    public static bool IsInsideAWrite(HttpContext http) => http.Features.Get<Rendition.Wanted>() is not null;
}
