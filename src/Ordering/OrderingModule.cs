using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts;
using Quitanda.Ordering.Letters;
using Quitanda.Ordering.Orders;
using Quitanda.Ordering.Stores;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Ordering;

/// <summary>The module on one screen.</summary>
public sealed class OrderingModule : IModule
{
    /// <summary>Adds the module's services.</summary>
    public static void Add(IServiceCollection services) => services
        .AddSingleton<IModule, OrderingModule>()
        .AddSettings<OrderingSettings>("Ordering")
        .Every<LapseOrders>(LapseOrders.Kind, LapseOrders.Period)
        .AddJob<LapseOrder.Message, LapseOrder>(LapseOrder.Kind)
        .AddScoped<IPayable, PayableOrder>().AddScoped<IKeepsAccounts, OrdersKeepAccounts>().AddPersonalData<PersonsOrders>()
        .AddScoped<ILetterhead, StoreLetterhead>().AddLetter<OrderReceived>().AddLetter<OrderConfirmed>().AddLetter<OrderCancelled>()
        .AddLetter<OrderLapsed>().AddLetter<PaymentReturned>()
        .AddStream<OrderEvents>().AddRealtime<OrderNews>()
        .AddScoped<IBusinessTime, StoreTime>().AddScoped<IDemo, DemoStore>();

    /// <inheritdoc/>
    public void Map(ModelBuilder model)
    {
        model.Entity<Store>(store =>
        {
            store.ToTable("stores", "ordering").Property(s => s.Id).ValueGeneratedNever();
            IsJson(store.Property(s => s.OpeningHours));
            IsJson(store.Property(s => s.DeliveryZones));
        });
        model.Entity<Order>(order =>
        {
            order.ToTable("orders", "ordering").Property(o => o.Id).ValueGeneratedNever();
            IsNamed(order.Property(o => o.Status));
            IsNamed(order.Property(o => o.PaymentStatus));
            IsNamed(order.Property(o => o.PaymentMethod));
            IsNamed(order.Property(o => o.Fulfillment));
            IsJson(order.Property(o => o.Address));
            IsJson(order.Property(o => o.Metadata));
            order.HasMany(o => o.Items).WithOne().HasForeignKey(item => item.OrderId);
            order.HasMany(o => o.Timeline).WithOne().HasForeignKey(happened => happened.OrderId);
        });
        model.Entity<OrderItem>().ToTable("order_items", "ordering").HasKey(item => new { item.OrderId, item.Position });
        model.Entity<OrderEvent>(happened =>
        {
            happened.ToTable("order_events", "ordering").HasKey(e => new { e.OrderId, e.Position });
            IsNamed(happened.Property(e => e.Status));
            IsNamed(happened.Property(e => e.MadeBy));
        });
    }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        var store = routes.MapGroup("/store").WithTags("Store");
        store.MapGet("/", ShowStore.Handle).ForAnyone().CachedForCustomers();
        store.MapPut("/", ChangeStore.Handle).Needs(Roles.Staff);

        var orders = routes.MapGroup("/orders").WithTags("Orders");
        orders.MapPost("/", PlaceOrder.Handle);
        orders.MapGet("/mine", ListMyOrders.Handle);
        orders.MapGet("/{id:guid}", ShowOrder.Handle);
        orders.MapPatch("/{id:guid}", ChangeOrder.Handle);
        orders.MapGet("/{id:guid}/events", WatchOrder.Handle);
        orders.MapPost("/{id:guid}/cancel", CancelOrder.Handle);

        orders.MapGet("/", ListOrders.Handle).Needs(Roles.Staff);
        orders.MapPost("/{id:guid}/confirm", ConfirmOrder.Handle).Needs(Roles.Staff);
        orders.MapPost("/{id:guid}/prepare", PrepareOrder.Handle).Needs(Roles.Staff);
        orders.MapPost("/{id:guid}/ready", MakeOrderReady.Handle).Needs(Roles.Staff);
        orders.MapPost("/{id:guid}/dispatch", DispatchOrder.Handle).Needs(Roles.Staff);
        orders.MapPost("/{id:guid}/deliver", DeliverOrder.Handle).Needs(Roles.Staff);
    }

    private static void IsNamed<T>(PropertyBuilder<T> property) where T : struct, Enum => property.HasConversion(value => value.Name(), name => Wire.Parse<T>(name));

    /// <summary>Stored as <c>jsonb</c>, and replaced whole or not at all.</summary>
    private static void IsJson<T>(PropertyBuilder<T> property) => property.HasColumnType("jsonb").HasConversion(
        value => JsonSerializer.Serialize(value, Wire.Json),
        text => JsonSerializer.Deserialize<T>(text, Wire.Json)!,
        new ValueComparer<T>((left, right) => ReferenceEquals(left, right), value => value == null ? 0 : value.GetHashCode()));
}
