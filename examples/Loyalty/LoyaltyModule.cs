using Loyalty.Points;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Ordering;
using Quitanda.Platform;

namespace Loyalty;

/// <summary>Points for orders: given when one is delivered and paid, taken back when its money goes back, gone after a year.</summary>
public sealed class LoyaltyModule : IModule
{
    /// <summary>As a host lists it.</summary>
    public static HouseModule Listed { get; } = new("Loyalty", Add, "Ordering");

    /// <summary>Adds the module's services.</summary>
    public static void Add(IServiceCollection services) => services
        .AddSingleton<IModule, LoyaltyModule>()
        .AddSettings<LoyaltySettings>("Loyalty")
        .Subscribe<OrderStatusChanged, CountOrder>(CountOrder.StatusKind).Subscribe<OrderPaymentChanged, CountOrder>(CountOrder.PaymentKind)
        .Every<ExpirePoints>(ExpirePoints.Kind, ExpirePoints.Period)
        .AddPersonalData<PersonsPoints>();

    /// <inheritdoc/>
    public void Map(ModelBuilder model)
    {
        model.Entity<AccountRow>().ToTable("accounts", "loyalty").HasKey(account => account.PersonId);
        model.Entity<EntryRow>().ToTable("entries", "loyalty").Property(entry => entry.Kind).HasConversion(kind => kind.Name(), name => Wire.Parse<EntryKind>(name));
    }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        var loyalty = routes.MapGroup("/loyalty").WithTags("Loyalty");
        loyalty.MapGet("/mine", ShowMyPoints.Handle);
        loyalty.MapGet("/mine/entries", ListMyEntries.Handle);
        loyalty.MapGet("/people/{personId:guid}", ShowPoints.Handle).Needs(Roles.Admin);
        loyalty.MapPost("/people/{personId:guid}/adjustments", AdjustPoints.Handle).Needs(Roles.Admin);
    }
}
