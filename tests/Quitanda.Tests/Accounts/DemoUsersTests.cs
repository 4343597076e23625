using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts;
using Quitanda.Platform;

namespace Quitanda.Tests.Accounts;

public sealed class DemoUsersTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Fact]
    public async Task The_demo_has_one_person_for_each_role_who_can_sign_in_with_a_password_made_here()
    {
        var people = new DemoPeople();
        var wasEmpty = await app.InScope(async provider =>
        {
            var demo = Assert.Single(provider.GetServices<IDemo>().OfType<DemoUsers>());
            var db = provider.GetRequiredService<Db>();
            var isEmpty = await demo.IsEmpty(db, CancellationToken.None);
            await demo.Fill(db, people, CancellationToken.None);
            return isEmpty;
        });

        Assert.True(wasEmpty);
        Assert.False(await app.InScope(provider => provider.GetServices<IDemo>().OfType<DemoUsers>().Single().IsEmpty(provider.GetRequiredService<Db>(), CancellationToken.None)));
        Assert.Equal(["admin", "customer", "moderator", "owner", "staff"], people.ByRole.Keys, StringComparer.Ordinal);
        Assert.Equal(5, people.ByRole.Values.Select(person => person.Password).Distinct(StringComparer.Ordinal).Count());
        foreach (var (role, person) in people.ByRole)
        {
            Assert.Equal(24, person.Password.Length);
            var body = await (await app.SignIn(person.Email, person.Password)).Body();
            Assert.Equal($"{role}@vaicoxinha.example", body.GetProperty("user").Text("email"));
            Assert.Equal(person.Id, body.GetProperty("user").Id());
            var roles = body.GetProperty("user").GetProperty("roles").EnumerateArray().Select(name => name.GetString()!);
            Assert.Equal(new HashSet<string>(StringComparer.Ordinal) { "customer", role }, roles.ToHashSet(StringComparer.Ordinal));
            var list = await app.CreateClient(body.Text("accessToken")).Get("/api/v1/users");
            Assert.Equal(role == "admin" ? HttpStatusCode.OK : HttpStatusCode.Forbidden, list.StatusCode);
        }
    }
}
