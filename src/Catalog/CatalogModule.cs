using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Catalog.Categories;
using Quitanda.Catalog.Options;
using Quitanda.Catalog.Products;
using Quitanda.Platform;

namespace Quitanda.Catalog;

/// <summary>What is on sale, at what price, and how much of it is left.</summary>
public sealed class CatalogModule : IModule
{
    /// <summary>Adds the module's services.</summary>
    public static void Add(IServiceCollection services) => services
        .AddSettings<CatalogSettings>("Catalog")
        .AddSingleton<IModule, CatalogModule>()
        .AddSingleton<IDemo, DemoMenu>()
        .AddScoped<ICatalog, Stock>();

    /// <inheritdoc/>
    public void Map(ModelBuilder model)
    {
        model.Entity<CategoryRow>().ToTable("categories", "catalog");
        model.Entity<ProductRow>(product =>
        {
            product.ToTable("products", "catalog");
            product.Property(p => p.Nutrition).HasColumnType("jsonb");
            product.Property(p => p.Metadata).HasColumnType("jsonb");
            product.Property(p => p.Images).HasColumnType("jsonb");
            product.Property(p => p.OptionGroups).HasColumnType("jsonb");
        });
        model.Entity<OptionStockRow>().ToTable("option_stock", "catalog").HasKey(option => option.OptionId);
    }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        var categories = routes.MapGroup("/categories").WithTags("Catalog");
        categories.MapGet("/", ListCategories.Handle).ForAnyone().CachedForCustomers("page", "limit", "after", "sort");
        categories.MapGet("/{idOrSlug}", ShowCategory.Handle).ForAnyone().CachedForCustomers();
        categories.MapPost("/", AddCategory.Handle).Needs(Roles.Staff);
        categories.MapPatch("/{id:guid}", ChangeCategory.Handle).Needs(Roles.Staff);
        categories.MapDelete("/{id:guid}", DeleteCategory.Handle).Needs(Roles.Staff);

        var products = routes.MapGroup("/products").WithTags("Catalog");
        products.MapGet("/", ListProducts.Handle).ForAnyone()
            .CachedForCustomers("category", "search", "minPrice", "maxPrice", "available", "featured", "tag", "page", "limit", "after", "sort");
        products.MapGet("/{idOrSlug}", ShowProduct.Handle).ForAnyone().CachedForCustomers();
        products.MapPost("/", AddProduct.Handle).Needs(Roles.Staff);
        products.MapPost("/prices", ChangePrices.Handle).Needs(Roles.Staff);
        products.MapPatch("/{id:guid}", ChangeProduct.Handle).Needs(Roles.Staff);
        products.MapDelete("/{id:guid}", DeleteProduct.Handle).Needs(Roles.Staff);
        products.MapGet("/{id:guid}/options/{optionId:guid}", ShowOption.Handle).Needs(Roles.Staff);
        products.MapPatch("/{id:guid}/options/{optionId:guid}", ChangeOption.Handle).Needs(Roles.Staff);
        products.MapPut("/{id:guid}/nutrition", SetNutrition.Handle).Needs(Roles.Staff);
    }
}
