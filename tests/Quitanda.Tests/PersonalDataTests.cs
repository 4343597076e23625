using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;
using Quitanda.Platform.AuditLog;

namespace Quitanda.Tests;

/// <summary>That nothing which is held about people is forgotten when they ask for it, or for it to go.</summary>
public sealed class PersonalDataTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Fact]
    public void Every_module_that_says_whose_something_is_gives_it_out_and_erases_it()
    {
        var modules = app.Services.GetServices<IModule>().Select(module => module.GetType().Assembly).ToList();
        Assert.True(modules.Count(module => Peoples(module.GetTypes()).Any()) >= 4);
        Assert.Empty(modules.Where(module => Peoples(module.GetTypes()).Any()).Except(Holders()).Select(module => $"{module.GetName().Name} has somebody's things and no {nameof(IPersonalData)}"));
    }

    [Fact]
    public void A_type_that_says_whose_it_is_is_found()
    {
        Assert.Equal([typeof(Theirs), typeof(AlsoTheirs)], Peoples([typeof(Theirs), typeof(AlsoTheirs), typeof(Nobodys), typeof(Personal), typeof(IPersonalData)]));
        Assert.DoesNotContain(typeof(Theirs).Assembly, Holders());
    }

    [Fact]
    public void Every_kind_has_a_name_of_its_own_and_a_sentence_for_what_stays()
    {
        using var scope = app.Services.CreateScope();
        var held = scope.ServiceProvider.GetServices<IPersonalData>().ToList();
        Assert.Equal(held.Count, held.Select(one => one.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(held, one => Assert.Matches("^[a-z][A-Za-z]+$", one.Name));
        Assert.All(held.Select(one => one.Stays).OfType<string>(), sentence => Assert.Matches(@"^[A-Z].*\.$", sentence));
    }

    [Fact]
    public async Task Everything_of_an_account_goes_with_it()
    {
        // An account is erased by deleting its row: what names a user and does not go with it would stay behind.
        Assert.NotEmpty(await app.WithDb(db => db.Read(Of(goesWithIt: true), row => row.GetString(0), TestContext.Current.CancellationToken)));
        Assert.Empty(await app.WithDb(db => db.Read(Of(goesWithIt: false), row => row.GetString(0), TestContext.Current.CancellationToken)));
        await app.WithDb<bool>(async db =>
        {
            await db.Execute(Sql.Raw("create table accounts.forgotten (user_id uuid primary key)"), TestContext.Current.CancellationToken);
            await db.Execute(Sql.Raw("create table accounts.hindrance (id uuid primary key references accounts.users)"), TestContext.Current.CancellationToken);
            Assert.Equal(["accounts.forgotten", "accounts.hindrance"], await db.Read(Of(goesWithIt: false), row => row.GetString(0), TestContext.Current.CancellationToken), StringComparer.Ordinal);
            throw new UndoneException();
        }).ContinueWith(undone => Assert.IsType<UndoneException>(undone.Exception?.InnerException), TaskScheduler.Default);
    }

    /// <summary>The tables of accounts that have a column <c>user_id</c> or refer to users, by whether a deleted user takes their rows along, through others or not.</summary>
    private static Sql Of(bool goesWithIt) => Sql.Of($"""
        with recursive goes (oid) as (
            select 'accounts.users'::regclass::oid union select c.conrelid from pg_constraint c join goes on c.confrelid = goes.oid where c.contype = 'f' and c.confdeltype = 'c'
        )
        select format('%s.%s', n.nspname, t.relname)
        from pg_class t join pg_namespace n on n.oid = t.relnamespace
        where n.nspname = 'accounts' and t.relkind in ('r', 'p')
            and (exists (select from pg_attribute a where a.attrelid = t.oid and a.attname = 'user_id' and not a.attisdropped) or exists (
                select from pg_constraint c where c.conrelid = t.oid and c.contype = 'f' and c.confrelid = 'accounts.users'::regclass))
            and {goesWithIt} = (t.oid in (select oid from goes))
        order by 1
        """);

    private static IEnumerable<Type> Peoples(IEnumerable<Type> types) => types.Where(type => type.GetProperties(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
        .Any(property => property.IsDefined(typeof(PersonAttribute))) || type.GetConstructors().SelectMany(made => made.GetParameters()).Any(parameter => parameter.IsDefined(typeof(PersonAttribute))));

    private HashSet<Assembly> Holders()
    {
        using var scope = app.Services.CreateScope();
        return [.. scope.ServiceProvider.GetServices<IPersonalData>().Select(held => held.GetType().Assembly)];
    }

    internal sealed record Theirs([Person] Guid UserId, string Words);

    internal sealed record AlsoTheirs
    {
        [Person]
        public Guid UserId { get; init; }
    }

    internal sealed record Nobodys(Guid Id, [Personal] string Words);

    private sealed class UndoneException : Exception;
}
