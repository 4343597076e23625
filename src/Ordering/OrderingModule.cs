using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts;
using Quitanda.Ordering.Carts;
using Quitanda.Ordering.Contacts;
using Quitanda.Ordering.Coupons;
using Quitanda.Ordering.Letters;
using Quitanda.Ordering.Orders;
using Quitanda.Ordering.Pricing;
using Quitanda.Ordering.Queue;
using Quitanda.Ordering.Reports;
using Quitanda.Ordering.Stores;
using Quitanda.Payments;
using Quitanda.Platform;
using Quitanda.Reviews;

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
        .Every<ForgetQuotes>(ForgetQuotes.Kind, ForgetQuotes.Period)
        .AddScoped<Holds>()
        .Subscribe<OrderStatusChanged, QueueOrder>(QueueOrder.ChangedKind).AddJob<QueueOrder.Message, QueueOrder>(QueueOrder.Kind).AddStream<QueueEvents>()
        .Every<ForgetQueueEvents>(ForgetQueueEvents.Kind, ForgetQueueEvents.Period)
        .AddScoped<IReviewable, ReceivedProducts>().Subscribe<RatingChanged, RateProduct>(RateProduct.Kind)
        .AddScoped<Placing>().AddScoped<IOrdering, OrderingContract>().AddScoped<IOrderingIntake, OrderIntake>().AddScoped<IPayablePart, OrderPart>()
        .AddScoped<IPayable, PayableOrder>().AddScoped<IKeepsAccounts, OrdersKeepAccounts>().AddPersonalData<PersonsOrders>()
        .AddScoped<ILetterhead, StoreLetterhead>().AddLetter<OrderReceived>().AddLetter<OrderConfirmed>().AddLetter<OrderCancelled>()
        .AddLetter<OrderLapsed>().AddLetter<PaymentReturned>()
        .AddStream<OrderEvents>().AddRealtime<OrderNews>()
        .AddScoped<Slots>().Every<ForgetSlots>(ForgetSlots.Kind, ForgetSlots.Period)
        .AddScoped<Carts.Carts>().AddSingleton<IJoinsGuests, JoinCarts>().AddPersonalData<PersonsCart>().Every<ForgetCarts>(ForgetCarts.Kind, ForgetCarts.Period)
        .AddSingleton<FollowLinks>()
        .Every<ForgetGuests>(ForgetGuests.Kind, ForgetGuests.Period).AddJob<EraseGuest.Message, EraseGuest>(EraseGuest.Kind)
        .AddScoped<IBusinessTime, StoreTime>().AddScoped<IDemo, DemoStore>();

    /// <inheritdoc/>
    public void Map(ModelBuilder model)
    {
        model.Entity<Store>(store =>
        {
            store.ToTable("stores", "ordering").Property(s => s.Id).ValueGeneratedNever();
            store.Property(s => s.OpeningHours).IsJson();
            store.Property(s => s.DeliveryZones).IsJson();
            store.Property(s => s.Settings).IsJson();
        });
        model.Entity<TakenSlot>(slot =>
        {
            slot.ToTable("slots", "ordering").HasKey(s => new { s.Fulfillment, s.StartsAt });
            slot.Property(s => s.Fulfillment).IsNamed();
        });
        model.Entity<Order>(order =>
        {
            order.ToTable("orders", "ordering").Property(o => o.Id).ValueGeneratedNever();
            order.Property(o => o.Status).IsNamed();
            order.Property(o => o.PaymentStatus).IsNamed();
            order.Property(o => o.PaymentMethod).IsNamed();
            order.Property(o => o.Fulfillment).IsNamed();
            order.Property(o => o.Address).IsJson();
            order.Property(o => o.Metadata).IsJson();
            order.Property(o => o.Contact).IsJson();
            order.HasMany(o => o.Items).WithOne().HasForeignKey(item => item.OrderId);
            order.HasMany(o => o.Timeline).WithOne().HasForeignKey(happened => happened.OrderId);
        });
        model.Entity<OrderItem>(item =>
        {
            item.ToTable("order_items", "ordering").HasKey(i => new { i.OrderId, i.Position });
            item.Property(i => i.Options).IsJson();
        });
        model.Entity<QueueHeadRow>().ToTable("queue_head", "ordering").Property(head => head.Id).ValueGeneratedNever();
        model.Entity<QueueEventRow>().ToTable("queue_events", "ordering").HasKey(told => told.Position);
        model.Entity<DayRow>().ToTable("days", "ordering").HasKey(day => day.Day);
        model.Entity<CouponRow>().ToTable("coupons", "ordering");
        model.Entity<CouponUseRow>().ToTable("coupon_uses", "ordering").HasKey(use => new { use.CouponId, use.CustomerId });
        model.Entity<FirstOrderRow>().ToTable("first_orders", "ordering").HasKey(first => first.CustomerId);
        model.Entity<CartRow>().ToTable("carts", "ordering").HasKey(cart => cart.OwnerId);
        model.Entity<CartItemRow>().ToTable("cart_items", "ordering").Property(item => item.Options).HasColumnType("jsonb");
        model.Entity<QuoteRow>().ToTable("quotes", "ordering").Property(quote => quote.Bill).HasColumnType("jsonb");
        model.Entity<OrderEvent>(happened =>
        {
            happened.ToTable("order_events", "ordering").HasKey(e => new { e.OrderId, e.Position });
            happened.Property(e => e.Status).IsNamed();
            happened.Property(e => e.MadeBy).IsNamed();
        });
    }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        var store = routes.MapGroup("/store").WithTags("Store");
        store.MapGet("/", ShowStore.Handle).ForAnyone().CachedForCustomers();
        // By the clock, and so not kept.
        store.MapGet("/times", ShowTimes.Handle).ForAnyone();
        store.MapGet("/slots", ShowSlots.Handle).ForAnyone();
        store.MapGet("/delivery", ShowDelivery.Handle).ForAnyone();
        store.MapPut("/", ChangeStore.Handle).Needs(Roles.Staff).GoesAlone(Store.Table);
        store.MapPost("/pause", PauseStore.Handle).Needs(Roles.Staff).GoesAlone(Store.Table);
        store.MapPost("/resume", ResumeStore.Handle).Needs(Roles.Staff).GoesAlone(Store.Table);
        store.MapPost("/busy", SetBusy.Handle).Needs(Roles.Staff).GoesAlone(Store.Table);

        var coupons = routes.MapGroup("/coupons").WithTags("Coupons");
        coupons.MapGet("/", ListCoupons.Handle).Needs(Roles.Staff);
        coupons.MapGet("/{id:guid}", ShowCoupon.Handle).Needs(Roles.Staff);
        coupons.MapPost("/", AddCoupon.Handle).Needs(Roles.Staff);
        coupons.MapPatch("/{id:guid}", ChangeCoupon.Handle).Needs(Roles.Staff);
        coupons.MapDelete("/{id:guid}", DeleteCoupon.Handle).Needs(Roles.Staff);

        var cart = routes.MapGroup("/cart").WithTags("Cart");
        cart.MapGet("/", ShowCart.Handle).ForGuests();
        cart.MapPut("/items", PutCartItem.Handle).MakesGuests().LimitedForGuests("new-guests", (OrderingSettings settings) => new(settings.NewGuestsPerAddress, 3600), onlyNew: true);
        cart.MapDelete("/items/{itemId:guid}", RemoveCartItem.Handle).ForGuests();
        cart.MapDelete("/", EmptyCart.Handle).ForGuests();

        routes.MapPost("/quotes", QuoteOrder.Handle).ForAnyone().LimitedForGuests("guest-quotes", (OrderingSettings settings) => new(settings.GuestQuotesPerAddress, 3600)).ForGuests().WithTags("Orders");
        var orders = routes.MapGroup("/orders").WithTags("Orders");
        orders.MapPost("/", PlaceOrder.Handle).MakesGuests().LimitedForGuests("guest-orders", (OrderingSettings settings) => new(settings.GuestOrdersPerAddress, 3600));
        orders.MapGet("/mine", ListMyOrders.Handle).ForGuests();
        orders.MapGet("/{id:guid}", ShowOrder.Handle).ForGuests();
        orders.MapPatch("/{id:guid}", ChangeOrder.Handle);
        orders.MapGet("/{id:guid}/events", WatchOrder.Handle).ForGuests();
        orders.MapPost("/{id:guid}/cancel", CancelOrder.Handle).ForGuests();
        orders.MapPost("/{id:guid}/reorder", ReorderOrder.Handle).ForGuests();
        // Whoever has the link may read it, and who they are besides is not asked.
        var followed = orders.MapGroup("/followed/{token}").ForAnyone().WithMetadata(new IgnoresAccessToken());
        followed.MapGet("/", ShowFollowedOrder.Handle);
        followed.MapGet("/events", WatchFollowedOrder.Handle);

        orders.MapGet("/queue", ShowQueue.Handle).Needs(Roles.Staff);
        orders.MapGet("/queue/events", WatchQueue.Handle).Needs(Roles.Staff);
        orders.MapGet("/upcoming", ListUpcoming.Handle).Needs(Roles.Staff);
        orders.MapGet("/", ListOrders.Handle).Needs(Roles.Staff);
        orders.MapPost("/{id:guid}/confirm", ConfirmOrder.Handle).Needs(Roles.Staff);
        orders.MapPost("/{id:guid}/prepare", PrepareOrder.Handle).Needs(Roles.Staff);
        orders.MapPost("/{id:guid}/ready", MakeOrderReady.Handle).Needs(Roles.Staff);
        orders.MapPost("/{id:guid}/dispatch", DispatchOrder.Handle).Needs(Roles.Staff);
        orders.MapPost("/{id:guid}/deliver", DeliverOrder.Handle).Needs(Roles.Staff);
        orders.MapPost("/{id:guid}/promise", PromiseOrder.Handle).Needs(Roles.Staff).GoesTogether(Store.Table);

        var reports = routes.MapGroup("/reports").WithTags("Reports");
        reports.MapGet("/sales", ReportSales.Handle).Needs(Roles.Staff);
        reports.MapGet("/sales/export", ExportSales.Handle).Needs(Roles.Staff);
        reports.MapGet("/cancellations/export", ExportCancellations.Handle).Needs(Roles.Staff);
        reports.MapGet("/cancellations", ReportCancellations.Handle).Needs(Roles.Staff);
    }
}
