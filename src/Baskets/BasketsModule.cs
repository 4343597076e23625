using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Baskets.Baskets;
using Quitanda.Booking;
using Quitanda.Ordering;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Baskets;

/// <summary>The module on one screen.</summary>
public sealed class BasketsModule : IModule
{
    /// <summary>Adds the module's services.</summary>
    public static void Add(IServiceCollection services) => services
        .AddSingleton<IModule, BasketsModule>()
        .AddSettings<BasketSettings>("Baskets")
        .AddScoped<BasketParts>().AddScoped<BasketView>().AddScoped<IPayable, PayableBasket>().AddPersonalData<PersonsBaskets>()
        .Subscribe<OrderRefundDue, RefundOrderPart>(RefundOrderPart.Kind).Subscribe<BookingRefundDue, RefundBookingPart>(RefundBookingPart.Kind)
        .Every<ExpireBaskets>(ExpireBaskets.Kind, ExpireBaskets.Period).AddJob<ExpireBasket.Message, ExpireBasket>(ExpireBasket.Kind)
        .Every<ForgetBaskets>(ForgetBaskets.Kind, ForgetBaskets.Period);

    /// <inheritdoc/>
    public void Map(ModelBuilder model)
    {
        model.Entity<Basket>(basket =>
        {
            basket.ToTable("baskets", "baskets").Property(b => b.Id).ValueGeneratedNever();
            basket.Property(b => b.Status).IsNamed();
            basket.Property(b => b.PaymentStatus).IsNamed();
            // Replaced whole or not at all.
            basket.Property(b => b.Wanted).IsJson();
        });
        model.Entity<Part>().ToTable("parts", "baskets").HasKey(part => new { part.BasketId, part.Position });
        model.Entity<PartRefund>().ToTable("refunds", "baskets").Property(refund => refund.Id).ValueGeneratedNever();
    }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        var baskets = routes.MapGroup("/baskets").WithTags("Baskets");
        baskets.MapPost("/", MakeBasket.Handle);
        baskets.MapGet("/mine", ListMyBaskets.Handle);
        baskets.MapGet("/{id:guid}", ShowBasket.Handle);
        baskets.MapGet("/{id:guid}/items", ShowBasketItems.Handle);
        baskets.MapPut("/{id:guid}/items", PutBasketItems.Handle);
        baskets.MapPost("/{id:guid}/checkout", CheckOutBasket.Handle).LimitedBy("checkouts", (BasketSettings settings) => new(settings.CheckoutsPerHour, 3600), (Caller caller) => caller.Id.ToString());
        baskets.MapPost("/{id:guid}/release", ReleaseBasket.Handle);
    }
}
