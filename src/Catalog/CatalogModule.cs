using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Catalog.Categories;
using Quitanda.Catalog.Csv;
using Quitanda.Catalog.Options;
using Quitanda.Catalog.Products;
using Quitanda.Catalog.Search;
using Quitanda.Platform;

namespace Quitanda.Catalog;

/// <summary>What is on sale, at what price, and how much of it is left.</summary>
public sealed class CatalogModule : IModule
{
    /// <summary>Adds the module's services.</summary>
    public static void Add(IServiceCollection services) => services
        .AddSettings<CatalogSettings>("Catalog")
        .AddSingleton<IModule, CatalogModule>()
        .AddSingleton<IDemo, DemoMenu>().AddSingleton<ISitemapSource, ProductPages>()
        .AddJob<EndSoldOut.Message, EndSoldOut>(EndSoldOut.Kind)
        .AddJob<ApplyImport.Message, ApplyImport>(ApplyImport.Kind, ApplyImport.Limit).Every<ForgetImports>(ForgetImports.Kind, ForgetImports.Period)
        .Every<JudgeChoices>(JudgeChoices.Kind, JudgeChoices.Period)
        .AddScoped<Stock>().AddScoped<ICatalog, CatalogContract>().AddScoped<ICatalogIntake, CatalogIntake>().AddScoped<IProductFaces, ProductFaces>();

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
        model.Entity<SearchRow>().ToTable("product_search", "catalog").HasKey(row => row.ProductId);
        model.Entity<SearchWordRow>().ToTable("search_words", "catalog").HasKey(row => row.Word);
        model.Entity<ImportRow>(row =>
        {
            row.ToTable("imports", "catalog").Property(r => r.Errors).HasColumnType("jsonb");
            row.Property(r => r.State).IsNamed();
        });
        model.Entity<ImportedRow>(row =>
        {
            row.ToTable("import_rows", "catalog").HasKey(r => new { r.ImportId, r.Number });
            row.Property(r => r.Cells).HasColumnType("jsonb");
        });
    }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        var settings = routes.ServiceProvider.GetRequiredService<IOptions<CatalogSettings>>().Value;
        var categories = routes.MapGroup("/categories").WithTags("Catalog");
        categories.MapGet("/", ListCategories.Handle).ForAnyone().CachedForCustomers("page", "limit", "after", "sort");
        categories.MapGet("/{idOrSlug}", ShowCategory.Handle).ForAnyone().CachedForCustomers();
        categories.MapPost("/", AddCategory.Handle).Needs(Roles.Staff).GoesTogether("catalog.categories");
        // A new name goes through all products of the category: also through those whose unit of work, which holds it, is about to end.
        categories.MapPatch("/{id:guid}", ChangeCategory.Handle).Needs(Roles.Staff).GoesAloneUnderConditions("catalog.categories");
        categories.MapDelete("/{id:guid}", DeleteCategory.Handle).Needs(Roles.Staff).GoesTogether("catalog.categories");

        var products = routes.MapGroup("/products").WithTags("Catalog");
        products.MapGet("/", ListProducts.Handle).ForAnyone()
            .CachedForCustomers("category", "search", "minPrice", "maxPrice", "available", "featured", "tag", "page", "limit", "after", "sort");
        products.MapGet("/search", SearchProducts.Handle).ForAnyone();
        products.MapGet("/export", ExportProducts.Handle).Needs(Roles.Staff);
        products.MapPost("/import", ImportProducts.Handle).Needs(Roles.Staff).WithMetadata(new StreamedBody(settings.ImportMegaBytes * 1024L * 1024, typeof(ImportProducts.Form), "multipart/form-data", "text/csv"));
        products.MapGet("/imports", ListImports.Handle).Needs(Roles.Staff);
        products.MapGet("/imports/{id:guid}", ShowImport.Handle).Needs(Roles.Staff);
        products.MapGet("/{idOrSlug}", ShowProduct.Handle).ForAnyone().CachedForCustomers();
        products.MapPost("/", AddProduct.Handle).Needs(Roles.Staff);
        products.MapPost("/prices", ChangePrices.Handle).Needs(Roles.Staff);
        products.MapPatch("/{id:guid}", ChangeProduct.Handle).Needs(Roles.Staff);
        products.MapDelete("/{id:guid}", DeleteProduct.Handle).Needs(Roles.Staff);
        products.MapGet("/{id:guid}/options/{optionId:guid}", ShowOption.Handle).Needs(Roles.Staff);
        products.MapPatch("/{id:guid}/options/{optionId:guid}", ChangeOption.Handle).Needs(Roles.Staff);
        products.MapPost("/{id:guid}/sold-out", MarkSoldOut.Handle).Needs(Roles.Staff);
        products.MapDelete("/{id:guid}/sold-out", BackOnSale.Handle).Needs(Roles.Staff);
        products.MapPut("/{id:guid}/nutrition", SetNutrition.Handle).Needs(Roles.Staff);
    }
}
