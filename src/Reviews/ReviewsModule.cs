using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;
using Quitanda.Reviews.Reviews;
using Quitanda.Reviews.Stays;

namespace Quitanda.Reviews;

/// <summary>What people say of what they received and of where they stayed, and what it comes to.</summary>
public sealed class ReviewsModule : IModule
{
    /// <summary>Adds the module's services.</summary>
    public static void Add(IServiceCollection services) => services
        .AddSettings<ReviewSettings>("Reviews")
        .AddSingleton<IModule, ReviewsModule>()
        .AddScoped<IReviews, Tallies>().AddScoped<IReviewsIntake, ReviewIntake>().AddScoped<Bylines>().AddScoped<StayReviews>().AddPersonalData<PersonsReviews>()
        .Every<OpenReviews>(OpenReviews.Kind, OpenReviews.Period);

    /// <inheritdoc/>
    public void Map(ModelBuilder model) => model.Entity<StoredReview>().ToTable("reviews", "reviews");

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        // What nobody offers for review has no reviews: whoever sells or rents may be off.
        var offered = routes.ServiceProvider.GetRequiredService<IServiceProviderIsService>();
        if (offered.IsService(typeof(IReviewable)))
            MapProducts(routes);
        if (offered.IsService(typeof(IStays)))
            MapStays(routes);

        var reviews = routes.MapGroup("/reviews").WithTags("Reviews");
        reviews.MapGet("/", ListReviews.Handle).Needs(Roles.Moderator);
        reviews.MapGet("/mine", ListMyReviews.Handle);
        // Not kept: a hidden one is shown to some and not to others.
        reviews.MapGet("/{id:guid}", ShowReview.Handle).ForAnyone();
        reviews.MapPatch("/{id:guid}", ChangeReview.Handle);
        reviews.MapDelete("/{id:guid}", DeleteReview.Handle);
        Limited(reviews.MapPost("/{id:guid}/reply", ReplyToReview.Handle));
        reviews.MapPost("/{id:guid}/hide", HideReview.Handle).Needs(Roles.Moderator);
        reviews.MapPost("/{id:guid}/show", ShowReviewAgain.Handle).Needs(Roles.Moderator);
    }

    private static void MapProducts(IEndpointRouteBuilder routes)
    {
        var products = routes.MapGroup("/products/{id:guid}/reviews").WithTags("Reviews");
        products.MapGet("/", ListProductReviews.Handle).ForAnyone().CachedForCustomers("rating", "page", "limit", "after", "sort");
        Limited(products.MapPost("/", ReviewProduct.Handle));
    }

    private static void MapStays(IEndpointRouteBuilder routes)
    {
        var listings = routes.MapGroup("/listings/{id:guid}/reviews").WithTags("Reviews");
        listings.MapGet("/", ListListingReviews.Handle).ForAnyone().CachedForCustomers("rating", "page", "limit", "after", "sort");
        Limited(listings.MapPost("/", ReviewListing.Handle));
        Limited(routes.MapGroup("/bookings/{id:guid}/review").WithTags("Reviews").MapPost("/", ReviewStay.Handle));
        routes.MapGroup("/users/{id:guid}/renter-reviews").WithTags("Reviews").MapGet("/", ListRenterReviews.Handle);
    }

    private static void Limited(RouteHandlerBuilder route) =>
        route.LimitedBy("reviews", (ReviewSettings settings) => new(settings.PostsPerHour, 3600), (Caller caller) => caller.Id.ToString());
}
