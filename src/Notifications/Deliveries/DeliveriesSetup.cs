using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.Notifications.Deliveries;

/// <summary>What is sent to people, and the log of it.</summary>
internal static class DeliveriesSetup
{
    /// <summary>Adds its services.</summary>
    public static IServiceCollection AddDeliveries(this IServiceCollection services) => services
        .AddPersonalData<PersonsDeliveries>().Every<ForgetOld>(ForgetOld.Kind, ForgetOld.Period).Every<EndLost>(EndLost.Kind, EndLost.Period);

    /// <summary>Maps its table.</summary>
    public static void MapDeliveries(this ModelBuilder model) => model.Entity<DeliveryRow>(delivery =>
    {
        delivery.ToTable("deliveries", "notifications");
        delivery.Property(d => d.Channel).IsNamed();
        delivery.Property(d => d.Status).IsNamed();
        delivery.Property(d => d.Reason).IsNamed();
    });

    /// <summary>Maps its routes.</summary>
    public static void MapDeliveries(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/notification-deliveries", ListDeliveries.Handle).Needs(Roles.Admin).WithTags("Notifications");
}
