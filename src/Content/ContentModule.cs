using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Content.Comments;
using Quitanda.Content.Feeds;
using Quitanda.Content.Markup;
using Quitanda.Content.Posts;
using Quitanda.Content.Reports;
using Quitanda.Content.Revisions;
using Quitanda.Content.Tags;
using Quitanda.Content.Views;
using Quitanda.Platform;

namespace Quitanda.Content;

/// <summary>What the house writes and what people say of it: posts, tags and comments.</summary>
public sealed class ContentModule : IModule, IRootRoutes
{
    /// <summary>Adds the module's services.</summary>
    public static void Add(IServiceCollection services) => services
        .AddSettings<ContentSettings>("Content")
        .AddSingleton<IModule, ContentModule>().AddSingleton<IDemo, DemoPosts>()
        .AddSingleton<PostText>().AddScoped<Authors>().AddScoped<IContentIntake, PostIntake>().AddSingleton<Addresses>().AddScoped<SiteMap>().AddSingleton<ISitemapSource, PostPages>()
        .AddSingleton<PostViews>().AddHostedService(provider => provider.GetRequiredService<PostViews>())
        .AddJob<PublishOnTime.Message, PublishOnTime>(PublishOnTime.Kind)
        .AddJob<RenderAnew.Message, RenderAnew>(RenderAnew.More).Every<RenderAnew>(RenderAnew.Kind, RenderAnew.Period)
        .AddPersonalData<PersonsPosts>().AddPersonalData<PersonsComments>().AddPersonalData<PersonsContentReports>();

    /// <inheritdoc/>
    public void Map(ModelBuilder model)
    {
        model.Entity<PostRow>(post =>
        {
            post.ToTable("posts", "content");
            post.Property(p => p.Cover).HasColumnType("jsonb");
            post.Property(p => p.Status).IsNamed();
        });
        model.Entity<SlugRow>().ToTable("slugs", "content").HasKey(row => row.Slug);
        model.Entity<RevisionRow>().ToTable("revisions", "content").HasKey(row => new { row.PostId, row.Number });
        model.Entity<TagRow>().ToTable("tags", "content");
        model.Entity<OldTagRow>().ToTable("old_tags", "content").HasKey(row => row.Slug);
        model.Entity<PostTagRow>().ToTable("post_tags", "content").HasKey(row => new { row.PostId, row.TagId });
        model.Entity<SearchRow>().ToTable("post_search", "content").HasKey(row => row.PostId);
        model.Entity<SearchWordRow>().ToTable("search_words", "content").HasKey(row => row.Word);
        model.Entity<CommentRow>().ToTable("comments", "content").Property(c => c.State).IsNamed();
        model.Entity<ReportRow>().ToTable("reports", "content").Property(r => r.Resolution).IsNamed();
        model.Entity<FeedRow>().ToTable("feed", "content");
    }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        var writers = routes.ServiceProvider.GetRequiredService<IOptions<ContentSettings>>().Value.WritersRole();
        var posts = routes.MapGroup("/posts").WithTags("Posts");
        posts.MapGet("/", ListPosts.Handle).ForAnyone().CachedForCustomers("search", "tag", "author", "status", "page", "limit", "after", "sort");
        posts.MapGet("/search", SearchPosts.Handle).ForAnyone();
        posts.MapGet("/mine", ListMyPosts.Handle);
        posts.MapGet("/{idOrSlug}", ShowPost.Handle).ForAnyone().CachedForGuests().WhenKept(PostViews.CountKept);
        var write = posts.MapPost("/", WritePost.Handle).GoesTogether(PostTags.Gate)
            .LimitedBy("posts", (ContentSettings settings) => new(settings.PostsPerHour, 3600), (Caller caller) => caller.Id.ToString());
        if (writers != Roles.Customer)
            write.Needs(writers | Roles.Moderator);
        Changing(posts.MapPatch("/{id:guid}", ChangePost.Handle)).GoesTogether(PostTags.Gate);
        posts.MapDelete("/{id:guid}", DeletePost.Handle).GoesTogether(PostTags.Gate);
        Changing(posts.MapPost("/{id:guid}/publish", PublishPost.Handle)).GoesTogether(PostTags.Gate);
        Changing(posts.MapPost("/{id:guid}/unpublish", UnpublishPost.Handle)).GoesTogether(PostTags.Gate);
        Changing(posts.MapPost("/{id:guid}/archive", ArchivePost.Handle)).GoesTogether(PostTags.Gate);
        posts.MapGet("/{id:guid}/revisions", ListRevisions.Handle);
        posts.MapGet("/{id:guid}/revisions/{revisionId:guid}", ShowRevision.Handle);
        Changing(posts.MapPost("/{id:guid}/revisions/{revisionId:guid}/restore", RestoreRevision.Handle));
        Reported(posts.MapPost("/{id:guid}/report", ReportPost.Handle));
        routes.MapGroup("/users/{id:guid}/posts").WithTags("Posts").MapGet("/", ListUsersPosts.Handle).ForAnyone().CachedForCustomers("page", "limit", "after", "sort");

        var tags = routes.MapGroup("/tags").WithTags("Tags");
        tags.MapGet("/", ListTags.Handle).ForAnyone().CachedForCustomers("search", "all", "page", "limit", "after", "sort");
        tags.MapGet("/{idOrSlug}", ShowTag.Handle).ForAnyone().CachedForCustomers();
        tags.MapPatch("/{id:guid}", RenameTag.Handle).Needs(Roles.Moderator).GoesAlone(PostTags.Gate);
        tags.MapPost("/{id:guid}/merge", MergeTag.Handle).Needs(Roles.Moderator).GoesAlone(PostTags.Gate);

        posts.MapGet("/{id:guid}/comments", ListPostComments.Handle).WithTags("Comments").ForAnyone().CachedForCustomers("parent", "page", "limit", "after", "sort");
        posts.MapPost("/{id:guid}/comments", WriteComment.Handle).WithTags("Comments")
            .LimitedBy("comments", (ContentSettings settings) => new(settings.CommentsPerHour, 3600), (Caller caller) => caller.Id.ToString());
        var comments = routes.MapGroup("/comments").WithTags("Comments");
        comments.MapGet("/", ListComments.Handle).Needs(Roles.Moderator);
        comments.MapGet("/mine", ListMyComments.Handle);
        // Not kept: a hidden one is shown to some and not to others.
        comments.MapGet("/{id:guid}", ShowComment.Handle).ForAnyone();
        Changing(comments.MapPatch("/{id:guid}", ChangeComment.Handle));
        comments.MapDelete("/{id:guid}", DeleteComment.Handle);
        comments.MapPost("/{id:guid}/hide", HideComment.Handle).Needs(Roles.Moderator);
        comments.MapPost("/{id:guid}/approve", ApproveComment.Handle).Needs(Roles.Moderator);
        Reported(comments.MapPost("/{id:guid}/report", ReportComment.Handle));

        var reports = routes.MapGroup("/content-reports").WithTags("Comments").Needs(Roles.Moderator);
        reports.MapGet("/", ListContentReports.Handle);
        reports.MapGet("/{id:guid}", ShowContentReport.Handle);
        reports.MapPost("/{id:guid}/resolve", ResolveContentReport.Handle);
    }

    /// <inheritdoc/>
    public void MapRoot(RouteGroupBuilder root)
    {
        root.MapGet("/feed.xml", ShowPostFeed.Handle).CachedForGuests("tag").WithTags("Feeds");
        root.MapGet("/sitemap.xml", ShowSitemap.Handle).CachedForGuests().WithTags("Feeds");
        root.MapGet("/sitemaps/{name}/{page:int}.xml", ShowSitemapFile.Handle).CachedForGuests().WithTags("Feeds");
    }

    private static RouteHandlerBuilder Changing(RouteHandlerBuilder route) =>
        route.LimitedBy("content-changes", (ContentSettings settings) => new(settings.ChangesPerHour, 3600), (Caller caller) => caller.Id.ToString());

    private static void Reported(RouteHandlerBuilder route) =>
        route.LimitedBy("content-reports", (ContentSettings settings) => new(settings.ReportsPerHour, 3600), (Caller caller) => caller.Id.ToString());
}
