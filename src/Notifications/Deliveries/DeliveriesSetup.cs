using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Notifications.Notices;
using Quitanda.Platform;

namespace Quitanda.Notifications.Deliveries;

/// <summary>What is sent to people, and the log of it.</summary>
internal static class DeliveriesSetup
{
    /// <summary>Adds its services.</summary>
    public static IServiceCollection AddDeliveries(this IServiceCollection services) => services
        .AddPersonalData<PersonsDeliveries>().Every<ForgetOld>(ForgetOld.Kind, ForgetOld.Period);

    /// <summary>Maps its table.</summary>
    public static void MapDeliveries(this ModelBuilder model) => model.Entity<DeliveryRow>(delivery =>
    {
        delivery.ToTable("deliveries", "notifications");
        delivery.Property(d => d.Channel).HasConversion(channel => channel.Name(), name => Wire.Parse<Channel>(name));
        delivery.Property(d => d.Status).HasConversion(status => status.Name(), name => Wire.Parse<DeliveryStatus>(name));
        delivery.Property(d => d.Reason).HasConversion(reason => reason!.Value.Name(), name => Wire.Parse<SkipReason>(name));
    });

    /// <summary>Maps its routes.</summary>
    public static void MapDeliveries(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/notification-deliveries", ListDeliveries.Handle).Needs(Roles.Admin).WithTags("Notifications");
}
