using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.Accounts.Sessions;

/// <summary>What is remembered of where a session is used from, for its owner to recognise.</summary>
/// <param name="Name">The user agent, cut to 200 characters; empty where there is none.</param>
/// <param name="Ip">The address, as the trusted proxies tell it.</param>
internal sealed record Device(string Name, string? Ip)
{
    private const int Longest = 200;

    /// <summary>The guest that whoever signs in there was until now, by their token; what they left becomes the account's.</summary>
    public Guid? GuestId { get; init; }

    /// <summary>Binds the handler's parameter.</summary>
    public static ValueTask<Device?> BindAsync(HttpContext context) =>
        ValueTask.FromResult<Device?>(new(Cut(context.Request.Headers.UserAgent.ToString()), Text(context.Connection.RemoteIpAddress)) { GuestId = context.RequestServices.GetRequiredService<Guests>().Find(context) });

    private static string Cut(string agent)
    {
        if (agent.Length <= Longest)
            return agent;
        // Half of a surrogate pair is no text that could be stored.
        return char.IsHighSurrogate(agent[Longest - 1]) ? agent[..(Longest - 1)] : agent[..Longest];
    }

    private static string? Text(IPAddress? address) => address switch
    {
        null => null,
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        _ => new IPAddress(address.GetAddressBytes()).ToString(),
    };
}
