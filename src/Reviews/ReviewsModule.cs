using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;
using Quitanda.Reviews.Reviews;

namespace Quitanda.Reviews;

/// <summary>What people say of what they received, and what it comes to.</summary>
public sealed class ReviewsModule : IModule
{
    /// <summary>Adds the module's services.</summary>
    public static void Add(IServiceCollection services) => services
        .AddSettings<ReviewSettings>("Reviews")
        .AddSingleton<IModule, ReviewsModule>()
        .AddScoped<IReviews, Tallies>().AddScoped<Bylines>().AddPersonalData<PersonsReviews>();

    /// <inheritdoc/>
    public void Map(ModelBuilder model) => model.Entity<StoredReview>().ToTable("reviews", "reviews");

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        var products = routes.MapGroup("/products/{id:guid}/reviews").WithTags("Reviews");
        products.MapGet("/", ListProductReviews.Handle).ForAnyone().CachedForCustomers("rating", "page", "limit", "after", "sort");
        products.MapPost("/", ReviewProduct.Handle).LimitedBy("reviews", (ReviewSettings settings) => new(settings.PostsPerHour, 3600), (Caller caller) => caller.Id.ToString());

        var reviews = routes.MapGroup("/reviews").WithTags("Reviews");
        reviews.MapGet("/", ListReviews.Handle).Needs(Roles.Moderator);
        reviews.MapGet("/mine", ListMyReviews.Handle);
        // Not kept: a hidden one is shown to some and not to others.
        reviews.MapGet("/{id:guid}", ShowReview.Handle).ForAnyone();
        reviews.MapPatch("/{id:guid}", ChangeReview.Handle);
        reviews.MapDelete("/{id:guid}", DeleteReview.Handle);
        reviews.MapPost("/{id:guid}/hide", HideReview.Handle).Needs(Roles.Moderator);
        reviews.MapPost("/{id:guid}/show", ShowReviewAgain.Handle).Needs(Roles.Moderator);
    }
}
