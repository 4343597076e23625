using Microsoft.AspNetCore.Builder;
using Quitanda.Platform;
using Quitanda.Tests;
using Quitanda.Tests.Ordering;

[assembly: AssemblyFixture(typeof(TestPostgres))]
[assembly: AssemblyFixture(typeof(Overdue))]
[assembly: Watched]

namespace Loyalty.Tests;

/// <summary>The house's own fixture, with a shop in it and this module added.</summary>
public class LoyaltyApp(TestPostgres postgres) : Shop(postgres)
{
    protected override IReadOnlyList<HouseModule> Added => [LoyaltyModule.Listed];
}

/// <summary>The same where nobody wants points.</summary>
public sealed class AppWithoutLoyalty(TestPostgres postgres) : LoyaltyApp(postgres)
{
    protected override void Configure(WebApplicationBuilder builder) => builder.Configuration["Modules:Loyalty"] = "false";
}
