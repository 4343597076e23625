using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Users;
using Quitanda.Platform;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Accounts;

/// <summary>The last admin, whom no route loses. Has a database of its own, in which it can count the admins.</summary>
public sealed class LastAdminErasureTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Fact]
    public async Task Two_admins_who_race_to_demote_shut_out_and_erase_each_other_and_themselves_leave_one()
    {
        var rounds = Size.Of(10, 100);
        for (var round = 0; round < rounds; round++)
        {
            await app.Execute($"delete from accounts.users");
            User[] admins = [await app.Insert(Roles.Admin), await app.Insert(Roles.Admin | Roles.Customer)];
            // One who is shut out is none who could appoint another.
            await app.Insert(Roles.Admin, isActive: false);
            // The token is good, and remembered: nobody is stopped at the door.
            HttpClient[] clients = [app.As(admins[0]), app.As(admins[1])];
            foreach (var client in clients)
                await (await client.Get("/api/v1/users/me")).Body();

            var answers = await Task.WhenAll(Enumerable.Range(0, 2).SelectMany(me => (Task<HttpResponseMessage>[])[
                clients[me].Delete("/api/v1/users/me"),
                clients[me].Delete($"/api/v1/users/{admins[1 - me].Id}"),
                clients[me].Send(HttpMethod.Put, $"/api/v1/users/{admins[1 - me].Id}/roles", People.Holding("customer")),
                clients[me].Post($"/api/v1/users/{admins[1 - me].Id}/deactivate"),
            ]));

            Assert.Equal(1, await app.Scalar<long>($"select count(*) from accounts.users where roles & 16 <> 0 and is_active"));
            Assert.All(answers, answer => Assert.True((int)answer.StatusCode is 200 or 204 or 401 or 403 or 404 or 409, answer.StatusCode.ToString()));
        }
    }

    [Fact]
    public async Task The_last_admin_is_refused_with_everything_left_as_it_is_and_goes_once_there_is_another()
    {
        await app.Execute($"delete from accounts.users");
        var last = await app.Insert(Roles.Admin | Roles.Customer);
        var client = app.As(last);
        await (await client.Post("/api/v1/users/me/addresses", Things.NewAddress())).Body(HttpStatusCode.Created);
        await app.Insert(Roles.Admin, isActive: false);

        Assert.Equal("last_admin", await (await client.Delete("/api/v1/users/me")).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("last_admin", await (await client.Delete($"/api/v1/users/{last.Id}")).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("last_admin", (await Assert.ThrowsAsync<RefusedException>(() => app.InScope(async provider =>
        {
            await provider.GetRequiredService<Erasure>().Erase(last.Id, TestContext.Current.CancellationToken);
            return true;
        }))).Code);
        Assert.Equal(1, (await (await client.Get("/api/v1/users/me/addresses")).Body()).GetProperty("data").GetArrayLength());
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.jobs where kind = 'platform.erase-again' and payload ->> 'personId' = {last.Id.ToString()}"));

        await app.Insert(Roles.Admin);
        // With a condition, whose transaction is of another kind.
        await (await client.SendIf(HttpMethod.Delete, "/api/v1/users/me", await client.TagOf("/api/v1/users/me"))).Body(HttpStatusCode.NoContent);
    }
}
