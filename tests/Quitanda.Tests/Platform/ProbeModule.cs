using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

/// <summary>A module of the tests' own, to try Platform out without the business modules.</summary>
internal sealed class ProbeModule : IModule
{
    public void Map(ModelBuilder model) { }

    public void Map(IEndpointRouteBuilder routes)
    {
        var probe = routes.MapGroup("/probe").ForAnyone();
        probe.MapPost("/things", MakeThing.Handle);
        probe.MapPatch("/things/{id:guid}", ChangeThing.Handle);
        probe.MapGet("/things/{id:guid}", FindThing.Handle);
        probe.MapGet("/followed/{token}", Follow.Handle);
        probe.MapPost("/notes", KeepNotes.Handle);
        probe.MapPost("/money", TakeMoney.Handle);
        probe.MapGet("/rows", ListRows.Handle);
        probe.MapPost("/do/{name}", Do.Handle);
        probe.MapGet("/do/{name}", Do.HandleRead);
        probe.MapPost("/secret/{name}", DoSecret.Handle);
        probe.MapPost("/outside/{name}", AskOutside.Handle);
        probe.MapGet("/shown/{name}", Show.Handle).CachedForCustomers("page", "sort");
        routes.MapGet("/probe/private", Do.HandlePrivate);
        routes.MapGet("/probe/staff", Do.HandlePrivate).Needs(Roles.Staff);
    }
}

internal enum Colour
{
    Red,
    DarkBlue,
}

internal sealed record Echo<T>(T Value);

internal static class MakeThing
{
    internal sealed record Request(
        [StringLength(50, MinimumLength = 1)] string Name,
        [Range(1, 999)] int Quantity,
        [MaxLength(5)] Line[]? Items = null,
        Box? Box = null,
        Colour? Colour = null,
        DateTimeOffset? At = null,
        [Metadata] IReadOnlyDictionary<string, string>? Metadata = null);

    internal sealed record Line(Guid ProductId, [Range(1, 999)] int Quantity, [StringLength(20)] string? Notes = null);

    internal sealed record Box([Range(1, 10)] int Width, Line? Inside = null);

    public static Created<Request> Handle(Request request, Db db)
    {
        db.Write($"insert into probe.effects (name) values ({request.Name})");
        return TypedResults.Created("/api/v1/probe/things/1", request);
    }
}

internal static class ChangeThing
{
    internal sealed record Request(
        [StringLength(5, MinimumLength = 1)] Patch<string> Name = default,
        [StringLength(5)] Patch<string?> Nickname = default,
        [Range(1, 9)] Patch<int> Quantity = default,
        Patch<int?> Limit = default,
        Patch<MakeThing.Box?> Box = default);

    public static Ok<Dictionary<string, string>> Handle(Guid id, Request request)
    {
        Assert.NotEqual(Guid.Empty, id);
        return TypedResults.Ok(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["name"] = request.Name.IsSet ? request.Name.Value : "(absent)",
            ["nickname"] = request.Nickname.IsSet ? request.Nickname.Value ?? "(null)" : "(absent)",
            ["quantity"] = request.Quantity.IsSet ? $"{request.Quantity.Value}" : "(absent)",
            ["limit"] = request.Limit.IsSet ? request.Limit.Value is { } limit ? $"{limit}" : "(null)" : "(absent)",
            ["box"] = request.Box.IsSet ? request.Box.Value is { } box ? $"{box.Width}" : "(null)" : "(absent)",
        });
    }
}

internal static class FindThing
{
    public static Results<Ok<Echo<Guid>>, NotFound> Handle(Guid id) => id == Guid.Empty ? TypedResults.NotFound() : TypedResults.Ok(new Echo<Guid>(id));
}

internal static class Follow
{
    public static Ok<Echo<int>> Handle(string token) => TypedResults.Ok(new Echo<int>(token.Length));
}

internal static class KeepNotes
{
    internal sealed record Request([MaxLength(3)] string[]? Notes = null, int[]? Numbers = null);

    public static Ok<Request> Handle(Request request) => TypedResults.Ok(request);
}

internal static class TakeMoney
{
    internal sealed record Request(Money Price);

    public static Ok<Request> Handle(Request request) => TypedResults.Ok(request);
}

internal static class ListRows
{
    internal sealed record Query : PageQuery
    {
        public Guid? List { get; init; }
    }

    internal sealed record Row(Guid Id, long Rank, string Name);

    public static async Task<Ok<Page<Row>>> Handle([AsParameters] Query query, Db db, CancellationToken ct) =>
        TypedResults.Ok(await db.List(query, Sql.Raw("id, rank, name"), Sql.Raw("probe.rows"), query.List is { } list ? Sql.Of($"list = {list}") : Sql.Raw("true"), "id",
            [new("-rank", "rank", "bigint"), new("name", "name", "text")], row => new Row(row.GetGuid(0), row.GetInt64(1), row.GetString(2)), ct));
}

/// <summary>Runs whatever a test put under a name.</summary>
internal static class Do
{
    internal sealed record Request(string? Note = null);

    public static Task<IResult> Handle(string name, Request request, HttpContext http, Db db, ProbeScripts scripts, CancellationToken ct) =>
        scripts.Doing[name](new(http, db, request.Note, ct));

    public static Task<IResult> HandleRead(string name, HttpContext http, Db db, ProbeScripts scripts, CancellationToken ct) => scripts.Doing[name](new(http, db, null, ct));

    public static Ok<Echo<Guid>> HandlePrivate(Caller caller) => TypedResults.Ok(new Echo<Guid>(caller.Id));
}

[AnswersSecret]
internal static class DoSecret
{
    public static Task<IResult> Handle(string name, Do.Request request, HttpContext http, Db db, ProbeScripts scripts, CancellationToken ct) =>
        scripts.Doing[name](new(http, db, request.Note, ct));
}

internal static class AskOutside
{
    public static async Task<CallOut<Ok<Echo<string>>>> Handle(string name, Do.Request request, HttpContext http, Db db, ProbeScripts scripts, CancellationToken ct)
    {
        await db.Execute($"insert into probe.effects (name) values ({"intent " + name})", ct);
        Assert.NotNull(request);
        return CallOut<Ok<Echo<string>>>.To(
            TypedResults.Ok(new Echo<string>("processing")),
            stop => scripts.Calling[name](stop),
            async (provider, outcome, stop) =>
            {
                var unit = (Db)provider.GetService(typeof(Db))!;
                Assert.NotSame(db, unit);
                await unit.Execute($"insert into probe.effects (name) values ({"outcome " + name})", stop);
                return TypedResults.Ok(new Echo<string>(outcome));
            });
    }
}

internal static class Show
{
    internal sealed record Query([Range(1, 100)] int? Page = null, [StringLength(20)] string? Sort = null);

    public static async Task<Results<Ok<Echo<string>>, NotFound>> Handle(string name, [AsParameters] Query query, Shown shown, ProbeScripts scripts, CancellationToken ct)
    {
        Interlocked.Increment(ref scripts.Shows);
        if (await scripts.Showing(name, ct) is not { } text)
            return TypedResults.NotFound();
        shown.Tag($"thing:{name}");
        shown.Tag("things");
        return TypedResults.Ok(new Echo<string>($"{text} {query.Page} {query.Sort}"));
    }
}

/// <summary>What a request to a script is given.</summary>
internal sealed record Doing(HttpContext Http, Db Db, string? Note, CancellationToken Ct);

/// <summary>What the probe's routes and jobs do, as a test says.</summary>
internal sealed class ProbeScripts
{
    public int Shows;

    public ConcurrentDictionary<string, Func<Doing, Task<IResult>>> Doing { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, Func<CancellationToken, Task<string>>> Calling { get; } = new(StringComparer.Ordinal);

    public Func<string, CancellationToken, Task<string?>> Showing { get; set; } = (name, _) => Task.FromResult<string?>(name);

    /// <summary>What the handler of a job does, by the job's own name; without one it writes an effect of that name.</summary>
    public ConcurrentDictionary<string, Func<Db, CancellationToken, Task>> Working { get; } = new(StringComparer.Ordinal);
}
